#!/usr/bin/env bash
# Tests all images together, from an empty installation to an answer that an event changes, and after a restart with the same
# volumes. Removes its containers and volumes at the end.
#
#   infra/docker/smoke.sh                official images
#   LOCAL_BASE=1 infra/docker/smoke.sh   substitutes, for a machine without a registry (needs root and debootstrap)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! docker info >/dev/null 2>&1; then
  echo 'smoke: no Docker engine answers (try docker info): nothing was tried' >&2
  exit 1
fi

files=(--file docker-compose.yml)
if [[ -n ${LOCAL_BASE-} ]]; then
  infra/docker/local-base/make.sh
  files+=(--file infra/docker/compose.local-base.yml)
fi
compose() { docker compose --project-name recommndr-smoke "${files[@]}" "$@"; }

finish() {
  local status=$?
  if ((status != 0)); then
    compose ps --all
    compose logs --no-color --tail 15
  fi
  compose --profile training down --volumes --timeout 20 2>/dev/null # without the profile, the volume `training` would stay
  exit "$status"
}
trap finish EXIT

stage() {
  local began=$SECONDS
  "${@:2}"
  printf 'smoke: %-8s %4d s\n' "$1" $((SECONDS - began))
}

up() { compose up --detach --no-build --quiet-pull --wait --wait-timeout 420; }

# Like a guest's browser: gets an id and a token from the shop's server, then a list from the edge, over the published ports.
shop() {
  local json='content-type: application/json' cookies guest token
  cookies=$(mktemp)
  guest=$(curl -fsS -c "$cookies" http://127.0.0.1:18002/shop.json | grep -o 'guest-[0-9a-f]*' | head -n 1)
  token=$(curl -fsS -b "recommndr_guest=$(awk '$6 == "recommndr_guest" {print $7}' "$cookies")" -H "$json" \
    -d "{\"tenant\": \"grocer\", \"user_id\": \"$guest\"}" http://127.0.0.1:18002/session | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
  compose cp storefront:/data/keys/edge-ca.crt "$cookies" >/dev/null
  curl -fsS --cacert "$cookies" -H "Authorization: Bearer $token" "https://127.0.0.1:18000/recommend?user_id=$guest&k=3&fields=title"
  rm "$cookies"
  echo
}

watched() {
  local silent
  # shellcheck disable=SC2016 # the container's shell reads the password
  silent=$(compose exec --no-TTY prometheus sh -c \
    'wget -q -O - "http://monitoring:$(cat /data/monitoring/password)@127.0.0.1:18090/api/v1/query?query=up==0"')
  [[ $silent == *'"result":[]'* ]] || { echo "Prometheus does not reach: $silent"; return 1; }
}

# The exporter's container reaches Kafka, but needs its password to log in.
closed() {
  compose exec --no-TTY monitoring python - <<'PYTHON'
import os
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from recommndr.settings import load

own = load(os.environ).kafka
KafkaConsumer(**own.options()).close()
try:
    KafkaConsumer(bootstrap_servers=own.bootstrap, bootstrap_timeout_ms=5_000)
except KafkaError:
    raise SystemExit from None
raise SystemExit("Kafka let in a client that did not log in")
PYTHON
}

# New containers find the topics, the keys and the release in the volumes and answer as before.
again() {
  compose down --timeout 30
  up
  shop
}

stage build compose build --quiet
stage up up
stage live compose run --rm --no-TTY training recommndr-compose go-live --profile tiny
stage show compose run --rm --no-TTY training recommndr-compose show --profile tiny
stage shop shop
stage watched watched
stage closed closed
stage again again
