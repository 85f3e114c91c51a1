"""Resume from a checkpoint or rebuild from seeds: decided here, once a start, from what is known of both."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

_FILE = "lineage.json"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a run's states come from; checkpoints of another graph cannot be read."""

    graph_version: int
    generations: Mapping[str, int]  # of the seeds announced when the run started
    purchase_half_life_s: Mapping[str, float]

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


@dataclass(frozen=True, slots=True)
class Start:
    """How a run starts and why; `checkpoint` is None for a rebuild from seeds."""

    checkpoint: Path | None
    reason: str


def decide(newest: tuple[Path, Lineage] | None, now: Lineage, rebuild_is_exact: bool) -> Start:
    """Resume where possible, except to take up newer seeds when the log still holds all events after them."""
    if newest is None:
        return Start(None, "no complete checkpoint")
    checkpoint, then = newest
    if then.graph_version != now.graph_version:
        return Start(None, f"graph version {then.graph_version} became {now.graph_version}")
    changed = _changed(then.generations, now.generations)
    changed += [f"half-life of {one}" for one in _changed(then.purchase_half_life_s, now.purchase_half_life_s)]
    if not changed:
        return Start(checkpoint, "nothing changed since")
    if not rebuild_is_exact:
        return Start(checkpoint, f"changed: {', '.join(changed)}; but the log no longer holds all events after the seeds")
    return Start(None, f"changed: {', '.join(changed)}")


def _changed(then: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [f"{tenant} {then.get(tenant)} -> {value}" for tenant, value in now.items() if then.get(tenant) != value]


def rebuild_is_exact(tenants: Iterable[str], boundaries: Mapping[str, Sequence[int]], earliest: Sequence[int]) -> bool:
    """Whether seeds and the events that are kept add up to everything, for each tenant; one without seeds needs all events."""
    none_contained = [0] * len(earliest)
    return all(
        kept <= boundary
        for tenant in {*tenants, *boundaries}
        for kept, boundary in zip(earliest, boundaries.get(tenant, none_contained), strict=True)
    )


def newest_checkpoint(checkpoints: Path) -> tuple[Path, Lineage] | None:
    """The complete checkpoint that was written last, of whatever run, with the run's lineage."""
    complete = sorted(checkpoints.glob("*/*/chk-*/_metadata"), key=lambda file: file.stat().st_mtime, reverse=True)
    for metadata in complete:
        run = metadata.parents[2]
        try:
            return metadata.parent, Lineage.load(run)
        except (OSError, ValueError):
            continue  # a run whose origin is unknown is as good as none
    return None


def has_checkpoint(run: Path) -> bool:
    """Whether a run has completed one."""
    return any(run.glob("*/chk-*/_metadata"))


def forget_other_runs(checkpoints: Path, run: Path) -> None:
    """Remove the checkpoints of earlier runs, which the first of this run made superfluous."""
    for folder in checkpoints.iterdir():
        if folder != run:
            shutil.rmtree(folder)
