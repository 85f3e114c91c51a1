"""Keeps MLflow in line with the release records: after each change one short process (`registry_moves`)."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from recommndr.release import Release, ReleaseStore
from recommndr_rollout.evidence_files import EvidenceFiles
from recommndr_rollout.moved import Moved

_TIMEOUT_S = 120.0
_MODULE = "recommndr_rollout.registry_moves"


class RegistryBehind(RuntimeError):
    """The registry could not be brought in line; it is tried again."""


Write = Callable[[Release, dict[str, dict[str, Any]]], None]


class RegistryMoves:
    """Writes each record once its steps or versions have changed.

    What a process wrote before this one began is looked up again, once.
    """

    def __init__(self, store: ReleaseStore, evidence: EvidenceFiles, write: Write) -> None:
        self._store = store
        self._evidence = evidence
        self._write = write
        self._written: dict[str, tuple[object, ...]] = {}

    def step(self) -> None:
        """Bring the registry in line with all records; raises the first `RegistryBehind` after all were tried."""
        behind: RegistryBehind | None = None
        for release in self._store.load_all():
            told = release.steps, release.stable, release.challenger, release.previous
            if self._written.get(release.tenant) == told:  # a weight that is halved is no news
                continue
            try:
                self._write(release, self._evidence.of(release))
            except RegistryBehind as cause:
                behind = behind or cause
                continue
            self._written[release.tenant] = told
            self._evidence.drop(release)
        if behind is not None:
            raise behind


def in_process(mlflow_uri: str) -> Write:
    """Writes by a process that ends afterwards."""

    def write(release: Release, evidence: dict[str, dict[str, Any]]) -> None:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, arguments as a list
                [sys.executable, "-m", _MODULE, "--uri", mlflow_uri],
                input=Moved(release=release, evidence=evidence).model_dump_json(),
                env=os.environ | {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"},
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RegistryBehind(f"MLflow at {mlflow_uri}: no answer within {_TIMEOUT_S:.0f} s") from None
        if done.returncode != 0:
            last_line = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise RegistryBehind(f"MLflow at {mlflow_uri}: {last_line}")

    return write
