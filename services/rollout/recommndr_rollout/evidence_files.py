"""What the rules said at a step, on disk from before the step is saved until it is in the registry."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommndr.release import Release, Step
from recommndr.release_policy import ReleasePolicy
from recommndr_rollout.moved import step_key
from recommndr_rollout.replaced_file import replace
from recommndr_rollout.verdict import Verdict


def told(verdicts: Sequence[Verdict], policy: ReleasePolicy) -> dict[str, Any]:
    """The verdicts with their limits, as JSON has them."""
    return {
        "verdicts": [
            {
                "rule": one.rule,
                "health": one.health,
                "consequence": one.consequence,
                "value": one.value,
                "limit": policy.rule(one.rule).limit,
                "finding": one.finding,
            }
            for one in verdicts
        ]
    }


class EvidenceFiles:
    """One file per step."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, release: Release, evidence: Mapping[str, Any]) -> None:
        """Keep it for the newest step of a record that is about to be saved; raises `OSError`."""
        replace(self._path(release, release.steps[-1]), json.dumps(evidence))

    def of(self, release: Release) -> dict[str, dict[str, Any]]:
        """What is kept of the record's steps, by `step_key`."""
        paths = {step_key(release, step): self._path(release, step) for step in release.steps}
        return {key: json.loads(path.read_text()) for key, path in paths.items() if path.exists()}

    def drop(self, release: Release) -> None:
        """Remove all of the record's steps: the registry has them."""
        for step in release.steps:
            self._path(release, step).unlink(missing_ok=True)

    def _path(self, release: Release, step: Step) -> Path:
        name = hashlib.sha256(step_key(release, step).encode()).hexdigest()[:16]
        return self._directory / f"{release.tenant}.{name}.json"
