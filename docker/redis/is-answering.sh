#!/bin/sh
# For the health check: whether Redis answers over TLS, which it does not while it loads its data.
set -eu
answer=$(REDISCLI_AUTH=$(cat /run/secrets/health_password) redis-cli -h 127.0.0.1 -p 6379 --user health --no-auth-warning \
  --tls --cacert /run/sallyport/stores/ca.pem --sni redis PING)
[ "$answer" = PONG ]
