#!/usr/bin/env bash
# Installs everything that a fresh Debian 12 lacks for running and testing Recommndr; `make setup` calls it. It installs into .venv,
# flink_jobs/.venv, training/spark/.venv, frontend/{node_modules,out} and .tools of this checkout, except Debian's redis-server,
# prometheus and prometheus-alertmanager, which are not started.
#
# Stages run in parallel. A stage is skipped if a stamp says that it ran for the same inputs; `rm -r .tools` removes the stamps.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly TOOLS=$PWD/.tools
readonly STAMPS=$TOOLS/stamps
readonly LOGS=$TOOLS/logs
readonly UV_VERSION=0.13.9
readonly UV=$TOOLS/uv/bin/uv
mkdir -p "$STAMPS" "$LOGS"
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

digest() { cat "$@" | sha256sum | cut -c1-16; }

# stage NAME DIGEST MADE COMMAND…: run the command unless it ran for this digest and what it made is there; say how long it took.
stage() {
  local name=$1 inputs=$2 made=$3 began=$SECONDS
  shift 3
  if [[ -f $STAMPS/$name && $(<"$STAMPS/$name") == "$inputs" && -e $made ]]; then return 0; fi
  if ! "$@" >"$LOGS/$name.log" 2>&1; then
    printf 'setup: %s failed after %d s; the end of %s:\n' "$name" $((SECONDS - began)) "$LOGS/$name.log" >&2
    tail -n 20 "$LOGS/$name.log" >&2
    return 1
  fi
  echo "$inputs" >"$STAMPS/$name"
  printf 'setup: %-9s %4d s\n' "$name" $((SECONDS - began))
}

have() { command -v "$1" >/dev/null; }

check_toolchains() {
  local missing=()
  have python3.11 || missing+=("Python 3.11 (python3.11)")
  have java || missing+=("Java 17 (openjdk-17-jre-headless)")
  have mvn || missing+=("Maven (maven)")
  { have npm && node_is_new_enough; } || missing+=("Node 20.9 or newer with npm (nodejs, npm)")
  if ((${#missing[@]})); then fail "install first: $(printf '%s; ' "${missing[@]}")then run this again"; fi
}

node_is_new_enough() {
  [[ $(printf '%s\n' v20.9.0 "$(node --version 2>/dev/null)" | sort -V | head -n 1) == v20.9.0 ]]
}

missing_packages() {
  have redis-server || echo redis-server
  have prometheus || echo prometheus
  have prometheus-alertmanager || echo prometheus-alertmanager
  python3.11 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

install_packages() {
  local packages
  mapfile -t packages < <(missing_packages)
  if ((${#packages[@]} == 0)); then return 0; fi
  infra/native/debian_packages.sh "${packages[@]}"
}

check_may_install_packages() {
  local packages
  packages=$(missing_packages | xargs)
  if [[ -z $packages ]]; then return 0; fi
  if [[ $(id -u) != 0 || ! -f /etc/debian_version ]]; then
    fail "not root on Debian: install $packages with your system's package manager (they need not run), then run this again"
  fi
}

install_uv() {
  python3.11 -m venv "$TOOLS/uv"
  "$TOOLS/uv/bin/pip" install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

sync_workspace() { "$UV" sync --all-packages --frozen --python python3.11; }
sync_flink() { "$UV" sync --project flink_jobs --frozen --python python3.11; }
sync_spark() { "$UV" sync --project training/spark --frozen --python python3.11; }
fetch_jars() { mvn -q -B -ntp -f infra/native/pom.xml "-Djars=$TOOLS" package; }

install_npm() { npm ci --prefix frontend; }
build_pages() { NEXT_TELEMETRY_DISABLED=1 npm run build --prefix frontend; }
page_sources() { git ls-files --cached --others --exclude-standard frontend monitoring/runbooks | grep -v -E '/(e2e|flows|measure)/|\.test\.ts$'; }

manifests() { git ls-files '*pyproject.toml' | grep -v -e '^flink_jobs/' -e '^training/spark/' || true; }

spark_members() { echo recommndr/pyproject.toml services/{lake_writer,tail}/pyproject.toml; }

if [[ ${1-} == uv ]]; then # for jobs that only read the lock files
  stage uv "$UV_VERSION" "$UV" install_uv
  exit
fi

check_toolchains
check_may_install_packages

# On a bare machine the venv module comes from Debian; only then uv waits for apt.
if ! python3.11 -c 'import ensurepip, venv' 2>/dev/null; then
  rm -f "$STAMPS/packages"
  stage packages installed / install_packages
fi

infra/native/share_trained.sh

jobs_pids=()
stage jars "$(digest infra/native/pom.xml infra/native/*-jars/pom.xml)" "$TOOLS/flink-jars" fetch_jars & jobs_pids+=($!)
if [[ -n $(missing_packages) ]]; then
  rm -f "$STAMPS/packages"
  stage packages installed / install_packages & jobs_pids+=($!)
fi
# Parallel stages must end before this script: two installations at once would fight over dpkg's lock.
stage uv "$UV_VERSION" "$UV" install_uv || { wait; exit 1; }
# shellcheck disable=SC2046 # file names of the repository have no spaces
stage workspace "$(digest uv.lock pyproject.toml $(manifests))" .venv/bin/python sync_workspace & jobs_pids+=($!)
if [[ -f flink_jobs/uv.lock ]]; then
  stage flink "$(digest flink_jobs/uv.lock flink_jobs/pyproject.toml recommndr/pyproject.toml)" flink_jobs/.venv/bin/python sync_flink & jobs_pids+=($!)
fi
# shellcheck disable=SC2046
stage spark "$(digest training/spark/{uv.lock,pyproject.toml} $(spark_members))" training/spark/.venv/bin/python sync_spark & jobs_pids+=($!)
# shellcheck disable=SC2046
{
  stage npm "$(digest frontend/package-lock.json)" frontend/node_modules install_npm &&
    stage pages "$(digest $(page_sources))" frontend/out/index.html build_pages
} & jobs_pids+=($!)

failed=0
for pid in "${jobs_pids[@]}"; do wait "$pid" || failed=1; done
exit "$failed"
