#!/usr/bin/env bash
# Installs Debian packages without starting them: Debian's redis-server, prometheus and Alertmanager would take ports
# 6379, 9090 and 9093.
# During the installation, a policy-rc.d that answers 101 ("forbidden") replaces the existing one.
set -euo pipefail

readonly POLICY=/usr/sbin/policy-rc.d
readonly MARK='# recommndr: for the time of an installation'
readonly BEFORE=/usr/sbin/policy-rc.d.before-recommndr

restore_policy() {
  rm -f "$POLICY"
  if [[ -e $BEFORE ]]; then mv "$BEFORE" "$POLICY"; fi
}

forbid_starts() {
  # After a killed run the original policy is already moved aside and must not be overwritten by ours.
  if [[ -e $POLICY && ! -e $BEFORE ]] && ! grep -qs "$MARK" "$POLICY"; then mv "$POLICY" "$BEFORE"; fi
  trap restore_policy EXIT
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY"
  chmod 755 "$POLICY"
}

keep_disabled() {
  # Debian enables installed services; without this a reboot would start the servers.
  if command -v systemctl >/dev/null; then
    systemctl disable "$@" >/dev/null 2>&1 || echo "note: could not disable $* in systemd; a reboot may start them" >&2
  fi
}

forbid_starts
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" >/dev/null
for package in "$@"; do
  case $package in redis-server | prometheus | prometheus-alertmanager) keep_disabled "$package" ;; esac
done
