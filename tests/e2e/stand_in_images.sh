#!/bin/sh
# Makes images that stand in for Docker's official ones where no image registry can be reached.
# For tests only: Debian's own Python and PostgreSQL, whose versions differ from what the tags say.
# Usage, as root: stand_in_images.sh PYTHON_TAG POSTGRES_TAG
set -eu
python_tag=$1 postgres_tag=$2
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$work/root" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
ln -s python3 "$work/root/usr/bin/python"
rm -rf "$work/root/var/lib/apt/lists" "$work/root/var/cache/apt"
# An image may be built behind a proxy with a certificate of its own, which only this machine knows.
cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/ca-certificates.crt"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/root/etc/pip.conf"
if [ -f /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$work/root/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$work/root/etc/apt/sources.list.d/"
fi
cp /etc/apt/apt.conf.d/99* "$work/root/etc/apt/apt.conf.d/" 2>/dev/null || true
tar -C "$work/root" -c . | docker import - "$python_tag"

mkdir "$work/postgres"
cp "$here/stand_in_postgres.sh" "$work/postgres/docker-entrypoint.sh"
cat >"$work/postgres/Dockerfile" <<END
FROM $python_tag
RUN groupadd --system --gid 999 postgres && useradd --system --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql && rm -rf /var/lib/apt/lists/*
RUN rm -rf /var/lib/postgresql/* && install -d -o 999 -g 999 -m 700 /var/lib/postgresql/data && ln -sf /usr/lib/postgresql/*/bin/* /usr/local/bin/
COPY docker-entrypoint.sh /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END
chmod 755 "$work/postgres/docker-entrypoint.sh"
DOCKER_BUILDKIT=0 docker build --quiet --tag "$postgres_tag" "$work/postgres"
