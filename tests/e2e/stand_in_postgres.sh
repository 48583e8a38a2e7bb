#!/bin/sh
# The part of the official image's entry point that docker-compose.yml relies on: a cluster is made on an empty volume.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?must be set}"
    file=$(mktemp)
    printf '%s' "$POSTGRES_PASSWORD" >"$file"
    # The arguments are words, as in the official image.
    # shellcheck disable=SC2086
    initdb --username=postgres --pwfile="$file" ${POSTGRES_INITDB_ARGS:-} --pgdata="$PGDATA"
    rm "$file"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec "$@"
