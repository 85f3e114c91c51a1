"""Decides at each start whether to resume from a checkpoint or to rebuild from seeds."""

import json
import logging
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from recommndr.generation import Generation

_log = logging.getLogger(__name__)

_FILE = "lineage.json"
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a run's states were computed from; a checkpoint of another graph version cannot be read."""

    graph_version: int
    topic_ids: Mapping[str, str]  # offsets in a checkpoint mean nothing in a recreated topic
    own_kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by tenant, in the order of their codes
    outcomes_generation: int = 0
    outcomes_since_s: int = 0
    rows_since_ms: int = 0  # since when rows are written by these states; 0: there are no older ones

    def save(self, run: Path) -> None:
        """Write into the run's folder, before its first checkpoint, and when rows have been looked through."""
        run.mkdir(parents=True, exist_ok=True)
        (run / _FILE).write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, run: Path) -> Self:
        """Of a run's folder; raises `OSError` or `ValueError`."""
        try:
            return cls(**json.loads((run / _FILE).read_text()))
        except TypeError as cause:
            raise ValueError(f"{run / _FILE}: {cause}") from cause


class KindsMoved(ValueError):
    """A tenant's own kinds changed other than by appending, so its states would be misread."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete checkpoint, with the lineage of the run that wrote it."""

    path: Path
    lineage: Lineage


@dataclass(frozen=True, slots=True)
class Start:
    """How a run starts and why; `checkpoint` is None for a rebuild from seeds."""

    checkpoint: Path | None
    reason: str


def decide(newest: Checkpoint | None, now: Lineage, complete: Mapping[str, Generation]) -> Start:
    """Resume if the checkpoint can be read and its offsets are those of the topics there are.

    `complete` has the tenants' newest complete seeds. Raises `KindsMoved` unless they count the kinds that there are now.
    """
    if newest is None:
        return Start(None, "no complete checkpoint")
    then = newest.lineage
    moved = _moved_kinds(then.own_kinds, now.own_kinds, complete)
    if moved:
        return Start(None, f"seeds count the kinds anew of {', '.join(moved)}")
    if then.graph_version != now.graph_version:
        return Start(None, f"graph version {then.graph_version} became {now.graph_version}")
    if then.topic_ids != now.topic_ids:
        return Start(None, "the topics were created again")
    return Start(newest.path, "its states can be read")


def _moved_kinds(
    then: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]], complete: Mapping[str, Generation]
) -> list[str]:
    moved = []
    for tenant in sorted(then.keys() & now.keys()):
        before, after = list(then[tenant]), list(now[tenant])
        if after[: len(before)] == before:
            continue
        if tenant not in complete or list(complete[tenant].own_kinds) != after:
            raise KindsMoved(
                f"own_kinds of {tenant} were {before} and are {after}: states count them by place. Put the list back and only "
                "append to it, or publish seeds of this tenant that count them anew (recommndr seed --publish)"
            )
        moved.append(tenant)
    return moved


def awaiting_seeds(
    now: Lineage, complete: Mapping[str, Generation], earliest: Sequence[int], topics_changed: bool
) -> dict[str, str]:
    """Tenants, with the reason, whose states would lack something if they began anew; they are not shown before new seeds.

    `now` has all tenants in `own_kinds`, `complete` their newest complete seeds with offsets in the topic that there is,
    `earliest` the first event of each partition that is still kept.
    """
    reasons = {tenant: _lack(complete.get(tenant), now.own_kinds[tenant], earliest, topics_changed) for tenant in now.own_kinds}
    return {tenant: reason for tenant, reason in reasons.items() if reason}


def _lack(complete: Generation | None, own_kinds: Sequence[str], earliest: Sequence[int], topics_changed: bool) -> str:
    if complete is None:
        return "it has no complete seeds, and older events are no longer kept" if topics_changed or any(earliest) else ""
    if any(kept > cut for kept, cut in zip(earliest, complete.offsets, strict=True)):
        return "some events after its seeds are no longer kept"
    if any(mine != theirs for mine, theirs in zip(own_kinds, complete.own_kinds, strict=False)):
        return f"its seeds count the kinds {list(complete.own_kinds)}, and it has {list(own_kinds)} now"
    return ""


def complete_since_s(earliest: Sequence[int], first_at_s: Sequence[float | None], now_s: float) -> int:
    """The first midnight (UTC, epoch seconds) since which every event is still kept; 0 if none was ever deleted.

    `earliest` and `first_at_s` are, per partition, the offset of the first kept event and when it was written (None: no event).
    """
    lost_until_s = [now_s if at_s is None else at_s for offset, at_s in zip(earliest, first_at_s, strict=True) if offset > 0]
    return math.ceil(max(lost_until_s) / _DAY_S) * _DAY_S if lost_until_s else 0


def newest_checkpoint(checkpoints: Path) -> Checkpoint | None:
    """The newest complete checkpoint of any run."""
    complete = sorted(checkpoints.glob("*/*/chk-*/_metadata"), key=lambda file: file.stat().st_mtime, reverse=True)
    for metadata in complete:
        run = metadata.parents[2]
        try:
            return Checkpoint(metadata.parent, Lineage.load(run))
        except (OSError, ValueError) as cause:
            _log.warning("the file that describes checkpoint %s cannot be read: %r", metadata.parent, cause)
    return None


def n_checkpoints(run: Path) -> int:
    """How many a run has completed, those that were removed included."""
    return max((int(file.parent.name.removeprefix("chk-")) for file in run.glob("*/chk-*/_metadata")), default=0)


def forget_other_runs(checkpoints: Path, run: Path) -> None:
    """Remove the checkpoints of earlier runs after the first checkpoint of this run."""
    for folder in checkpoints.iterdir():
        if folder != run:
            shutil.rmtree(folder)
