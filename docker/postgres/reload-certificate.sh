#!/bin/sh
# Has PostgreSQL read its certificate again, every RELOAD_SECONDS: nothing changes where nothing was renewed.
set -eu
trap 'exit 0' TERM INT
while :; do
  PGPASSWORD=$(cat /run/secrets/password) psql --quiet --no-psqlrc --tuples-only --output /dev/null \
    "host=postgres user=certificates dbname=postgres sslmode=verify-full sslrootcert=/run/sallyport/stores/ca.pem connect_timeout=5" \
    --command 'SELECT pg_reload_conf()'
  sleep "${RELOAD_SECONDS:-600}" &
  wait $!
done
