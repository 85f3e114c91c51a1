"""Hands a registered version to the installation's release command, which keeps the record and the audit log."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from recommndr.release_files import ReleaseFiles
from recommndr_training.live.kept_bundle import keep_bundle
from recommndr_training.retraining.installation import Installation
from recommndr_training.shipping.register import RegisteredVersion

_PROGRAM = "recommndr-rollout"


class NotReleased(RuntimeError):
    """The record does not allow the release now; the message is that of the command."""


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """One installation's. The process's variables must be those of the installation."""

    installation: Installation
    by: str

    def __call__(self, tenant: str, version: RegisteredVersion, bundle: Path, reason: str) -> str:
        """Release it and return what was done. A slot tries it where there are two; one process serves it at once.

        Raises `NotReleased`.
        """
        live = ReleaseFiles(self.installation.settings.releases_dir).load(tenant)
        if live is not None and live.stable.version == version.bundle_version:
            return f"version {live.stable.model_version} is live already"
        if self.installation.database is not None:
            keep_bundle(bundle, self.installation.bundles_dir / version.bundle_version)
        is_tried = live is not None and self.installation.database is None
        words = ["start" if is_tried else "promote", tenant, "--model-version", str(version.model_version)]
        words += ["--bundle-version", version.bundle_version, "--reason", reason, "--by", self.by]
        return _run(words)


def _run(words: list[str]) -> str:
    program = Path(sys.executable).parent / _PROGRAM
    done = subprocess.run([program, *words], env=os.environ, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise NotReleased(f"{_PROGRAM} {words[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()
