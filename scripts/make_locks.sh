#!/bin/sh
# Resolve pyproject.toml into locks with hashes for Python 3.11-3.13, on every platform. No index address goes into a file.
set -eu
bin=$1
compile() {
    "$bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --system-certs --no-annotate --custom-compile-command "make lock" "$@"
}
compile pyproject.toml --output-file locks/runtime.txt
compile pyproject.toml --output-file locks/tensorflow.txt --extra tensorflow --constraints locks/runtime.txt
compile pyproject.toml --output-file locks/dev.txt --all-extras --group dev --constraints locks/tensorflow.txt
# What builds the package inside an image, and nothing more.
echo hatchling | compile - --output-file locks/build.txt --constraints locks/dev.txt
