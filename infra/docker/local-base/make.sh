#!/usr/bin/env bash
# Builds the base images of infra/docker/Dockerfile on a machine without an image registry, under the names that the file
# uses, from Debian's packages. Needs root, a running Docker engine and debootstrap. See docs/how-to/run-with-docker.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly PYTHON_IMAGE=python:3.11-slim-bookworm
readonly MAVEN_IMAGE=maven:3.9-eclipse-temurin-17
readonly NODE_IMAGE=node:22.20.0-bookworm-slim
readonly CERTIFICATES=/etc/ssl/certs/ca-certificates.crt

make_python() {
  local root
  root=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$root' '$root.log'" EXIT
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >"$root.log" || { tail -n 5 "$root.log" >&2; return 1; }
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -qq --no-install-recommends python3.11-venv >/dev/null
  for name in python python3 python3.11; do ln -s /usr/bin/python3.11 "$root/usr/local/bin/$name"; done
  # This machine's own certificate authorities, if it has any.
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp -t "$root/usr/local/share/ca-certificates" {} +
  chroot "$root" update-ca-certificates >/dev/null
  rm -rf "$root"/var/cache/apt/{archives/*.deb,*.bin} "$root"/usr/share/{doc,man}/* "$root"/var/lib/apt/lists/*
  tar --directory "$root" --create . | docker import \
    --change 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change "ENV SSL_CERT_FILE=$CERTIFICATES PIP_CERT=$CERTIFICATES NODE_EXTRA_CA_CERTS=$CERTIFICATES" \
    --change 'CMD ["python3"]' - "$PYTHON_IMAGE"
}

have() { docker image inspect "$1" >/dev/null 2>&1; }

have "$PYTHON_IMAGE" || make_python
stand_in() { DOCKER_BUILDKIT=1 docker build --quiet --target "$1" --tag "$2" --file Dockerfile ../..; }
have "$MAVEN_IMAGE" || stand_in maven "$MAVEN_IMAGE"
have "$NODE_IMAGE" || stand_in node "$NODE_IMAGE"
