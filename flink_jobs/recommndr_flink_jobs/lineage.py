"""Decides at each start whether to resume from a checkpoint or to rebuild from seeds."""

import json
import logging
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

_log = logging.getLogger(__name__)

_FILE = "lineage.json"
_WAITED = "seeds-waited"
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a run's states were computed from; a checkpoint of another graph version cannot be read."""

    graph_version: int
    topic_ids: Mapping[str, str]  # offsets in a checkpoint mean nothing in a recreated topic
    generations: Mapping[str, int]  # of the seeds announced when the run started
    purchase_half_life_s: Mapping[str, float]
    own_kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by tenant, in the order of their codes
    target_kinds: Mapping[str, int] = field(default_factory=dict)  # codes
    outcomes_generation: int = 0
    outcomes_since_s: int = 0

    def save(self, run: Path) -> None:
        """Write into the run's folder, before its first checkpoint."""
        run.mkdir(parents=True)
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
    seeds_waited: bool


@dataclass(frozen=True, slots=True)
class Start:
    """How a run starts and why; `checkpoint` is None for a rebuild from seeds."""

    checkpoint: Path | None
    reason: str


def decide(newest: Checkpoint | None, now: Lineage, rebuild_is_exact: bool) -> Start:
    """Resume if possible; rebuild to use newer seeds if the log still has all events after them.

    A tenant's first seeds need no rebuild: a resumed run merges them, or reports that it cannot. Raises `KindsMoved`.
    """
    if newest is None:
        return Start(None, "no complete checkpoint")
    then = newest.lineage
    _refuse_moved_kinds(then.own_kinds, now.own_kinds)
    if then.graph_version != now.graph_version:
        return Start(None, f"graph version {then.graph_version} became {now.graph_version}")
    if then.topic_ids != now.topic_ids:
        return Start(None, "the topics were created again")
    changed = [f"generation of {one}" for one in _changed(then.generations, now.generations)]
    changed += [f"half-life of {one}" for one in _changed(then.purchase_half_life_s, now.purchase_half_life_s)]
    changed += [f"target kind of {one}" for one in _changed(then.target_kinds, now.target_kinds)]
    if newest.seeds_waited:
        changed.append("seeds waited for a rebuild")
    if not changed:
        return Start(newest.path, "nothing changed since then")
    if not rebuild_is_exact:
        return Start(newest.path, f"{', '.join(changed)}; but some events after the seeds are no longer kept")
    return Start(None, ", ".join(changed))


def _refuse_moved_kinds(then: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]) -> None:
    for tenant in then.keys() & now.keys():
        before, after = list(then[tenant]), list(now[tenant])
        if after[: len(before)] != before:
            raise KindsMoved(
                f"own_kinds of {tenant} were {before} and are {after}: states count them by place, so names may only be "
                "appended; put the list back, or publish new seeds of this tenant and start with --rebuild"
            )


def _changed(then: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [f"{tenant}: {then[tenant]} -> {now[tenant]}" for tenant in then.keys() & now.keys() if then[tenant] != now[tenant]]


def rebuild_is_exact(tenants: Iterable[str], boundaries: Mapping[str, Sequence[int]], earliest: Sequence[int]) -> bool:
    """Whether seeds and kept events together are complete for each tenant; a tenant without seeds needs all events."""
    none_contained = [0] * len(earliest)
    return all(
        kept <= boundary
        for tenant in {*tenants, *boundaries}
        for kept, boundary in zip(earliest, boundaries.get(tenant, none_contained), strict=True)
    )


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
            return Checkpoint(metadata.parent, Lineage.load(run), (run / _WAITED).exists())
        except (OSError, ValueError) as cause:
            _log.warning("the file that describes checkpoint %s cannot be read: %r", metadata.parent, cause)
    return None


def note_seeds_waited(run: Path) -> None:
    """Note that some seeds of a run can only be used by a rebuild."""
    (run / _WAITED).touch()


def has_checkpoint(run: Path) -> bool:
    """Whether a run has completed one."""
    return any(run.glob("*/chk-*/_metadata"))


def forget_other_runs(checkpoints: Path, run: Path) -> None:
    """Remove the checkpoints of earlier runs after the first checkpoint of this run."""
    for folder in checkpoints.iterdir():
        if folder != run:
            shutil.rmtree(folder)
