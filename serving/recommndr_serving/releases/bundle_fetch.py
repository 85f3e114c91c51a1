"""Fetches bundles from the registry into the local cache `<state_dir>/bundles/<version>`; cached ones also serve offline.

MLflow runs in a process of its own that ends with the download (`python -m recommndr_serving.releases.bundle_fetch`):
importing it takes 1-2 s and 100 MB, which a serving process would keep for one download a day.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Protocol

from recommndr.bundle import MANIFEST
from recommndr.identity import TenantId
from recommndr.release import Placement, registered_model

_TIMEOUT_S = 300.0
# Leftovers of a killed download or removal; the other slot shares the cache and may be in the middle of one.
_LEFT_AFTER_S = 3_600.0
_ARTIFACT_PATH = "bundle"


class BundleUnavailable(RuntimeError):
    """The bundle is not in the cache and cannot be fetched from the registry now; a retry may help."""


class BundleSource(Protocol):
    """A source of bundles. Calls block: they are made from the thread that follows the release records."""

    def fetch(self, tenant: TenantId, placement: Placement) -> Path:
        """A directory with the bundle, not yet checked; raises `BundleUnavailable`."""
        ...

    def discard(self, placement: Placement) -> None:
        """Remove an unusable copy, so that the next fetch downloads it again."""
        ...


class RegistryBundles:
    """Bundles of MLflow's registry, cached on disk."""

    def __init__(self, mlflow_uri: str, cache: Path) -> None:
        self._mlflow_uri = mlflow_uri
        self._cache = cache
        for left in [path for path in cache.glob(".*-*") if time.time() - path.stat().st_mtime > _LEFT_AFTER_S]:
            shutil.rmtree(left, ignore_errors=True)

    def fetch(self, tenant: TenantId, placement: Placement) -> Path:
        """See `BundleSource.fetch`."""
        cached = self._cache / placement.version
        if (cached / MANIFEST).is_file():
            return cached
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self._cache) as scratch:
            self._download(registered_model(tenant), placement.model_version, scratch)
            found = next((path.parent for path in sorted(Path(scratch).rglob(MANIFEST))), None)
            if found is None:
                raise BundleUnavailable(f"{registered_model(tenant)} version {placement.model_version} has no {MANIFEST}")
            if cached.exists() and not (cached / MANIFEST).is_file():
                self._put_aside(cached)  # an interrupted removal left a part of it
            try:
                found.rename(cached)
            except OSError:
                # The other slot shares the cache and may have come first with the same content.
                if not (cached / MANIFEST).is_file():
                    raise
        return cached

    def discard(self, placement: Placement) -> None:
        """See `BundleSource.discard`."""
        self._put_aside(self._cache / placement.version)

    def _put_aside(self, directory: Path) -> None:
        """Rename a copy before removing it, so that an interrupted removal never leaves half of it under its name."""
        with tempfile.TemporaryDirectory(prefix=".removed-", dir=self._cache, ignore_cleanup_errors=True) as scratch:
            try:
                directory.rename(Path(scratch) / directory.name)
            except FileNotFoundError:
                return  # the other slot has already moved it

    def _download(self, model: str, version: int, into: str) -> None:
        arguments = ("--uri", self._mlflow_uri, "--model", model, "--version", str(version), "--into", into)
        environment = os.environ | {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
        try:
            done = subprocess.run(  # noqa: S603 - our own module, arguments as a list
                [sys.executable, "-m", "recommndr_serving.releases.bundle_fetch", *arguments],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BundleUnavailable(f"{model} version {version}: the download did not end within {_TIMEOUT_S:.0f} s") from None
        if done.returncode != 0:
            last_line = (done.stderr.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
            raise BundleUnavailable(f"{model} version {version}: {last_line}")


def download(mlflow_uri: str, model: str, version: int, into: Path) -> None:
    """Download a registered version's bundle; raises MLflow's own errors."""
    import mlflow.artifacts  # noqa: PLC0415 - only the downloading process pays for MLflow
    from mlflow import MlflowClient  # noqa: PLC0415

    client = MlflowClient(tracking_uri=mlflow_uri, registry_uri=mlflow_uri)
    uri = client.get_model_version_download_uri(model, str(version))
    if not uri.rstrip("/").endswith(f"/{_ARTIFACT_PATH}"):
        uri = f"{uri.rstrip('/')}/{_ARTIFACT_PATH}"
    mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(into), tracking_uri=mlflow_uri)


def main() -> None:
    """Download one bundle; the last line of stderr has the error."""
    parser = argparse.ArgumentParser(description="Download a registered bundle into a directory.")
    parser.add_argument("--uri", required=True, help="MLflow tracking and registry")
    parser.add_argument("--model", required=True)
    parser.add_argument("--version", required=True, type=int)
    parser.add_argument("--into", required=True, type=Path)
    asked = parser.parse_args()
    download(asked.uri, asked.model, asked.version, asked.into)


if __name__ == "__main__":
    main()
