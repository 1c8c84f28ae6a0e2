#!/bin/sh
# Has Redis read its certificate again, every RELOAD_SECONDS: nothing changes where nothing was renewed.
set -eu
trap 'exit 0' TERM INT
while :; do
  answer=$(REDISCLI_AUTH=$(cat /run/secrets/password) redis-cli -h redis -p 6379 --user certificates --no-auth-warning \
    --tls --cacert /run/sallyport/stores/ca.pem --sni redis \
    CONFIG SET tls-cert-file /run/sallyport/store/tls.crt tls-key-file /run/sallyport/store/tls.key)
  if [ "$answer" != OK ]; then
    echo "$answer" >&2
    exit 1
  fi
  sleep "${RELOAD_SECONDS:-600}" &
  wait $!
done
