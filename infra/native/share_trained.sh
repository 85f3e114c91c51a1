#!/usr/bin/env bash
# Lets all checkouts of one person share what training made: `.dvc/cache` becomes a link into ~/.cache/recommndr, so that a second
# checkout with the same code, parameters and data restores a stage instead of running it. DVC finds a stage's outputs there by
# the content of all that dvc.yaml says it depends on. The Python packages are not among that: the hash of their lock is in the
# folder's name. Run in the root of a checkout; a `.dvc/cache` that is a folder of its own stays one.
set -euo pipefail
if [[ -d .dvc/cache && ! -L .dvc/cache ]]; then exit 0; fi
shared=${XDG_CACHE_HOME:-$HOME/.cache}/recommndr/trained-$(sha256sum uv.lock | cut -c1-16)
mkdir -p "$shared"
ln -sfn "$shared" .dvc/cache
