"""Stage seed: states of shoppers, items and segments where the shipped version's data end, which `recommndr seed` publishes.

History is replayed once, here, on its original dates; publishing only shifts the states, which takes seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from recommndr.features import added
from recommndr.seed import GROUP_GUESTS, GROUP_ITEM, GROUP_SEGMENT, GROUP_USER
from recommndr_training import params
from recommndr_training.data import coded_lines, history, logins
from recommndr_training.examples.replay import Replay
from recommndr_training.examples.segment_book import SegmentBook
from recommndr_training.examples.shard_pool import ShardPool
from recommndr_training.shipping import shipped
from recommndr_training.stage_files import TRAIN_LINES, TRAIN_LOGINS

_SCHEMA = pa.schema([("group", pa.string()), ("entity", pa.string()), ("state", pa.binary())])
_UNTIL = b"until_s"
_ROWS_AT_ONCE = 100_000  # a row group: shoppers take about a kilobyte each


@dataclass(frozen=True, slots=True)
class EntityState:
    """One row of the file: an entity's state as bytes of its feature group."""

    group: str
    entity: str
    state: bytes


@dataclass(frozen=True, slots=True)
class SeedFile:
    """All states of a tenant as of one instant."""

    until_s: float  # contains every event before it, on the original dates
    rows: list[EntityState]


def entity_states(replay: Replay) -> Iterator[EntityState]:
    """All states at the replay's position: shoppers, their other groups, items, segments, each sorted by id."""
    of_added = ((name, replay.added(name)) for name in added.NAMES)
    of_shoppers = ((GROUP_USER, replay.shoppers()), (GROUP_GUESTS, replay.guests()), *of_added)
    for group, states in (*of_shoppers, (GROUP_ITEM, replay.items()), (GROUP_SEGMENT, replay.segments())):
        for entity, state in states:
            yield EntityState(group, entity, state)


def write(replay: Replay, path: Path) -> int:
    """Write all current states of the replay to the seed file and return their number; holds one row group at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema, n_rows = _SCHEMA.with_metadata({_UNTIL: repr(replay.until_s)}), 0
    rows = entity_states(replay)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            columns = [[row.group for row in batch], [row.entity for row in batch], [row.state for row in batch]]
            writer.write_table(pa.table(columns, schema=schema))
            n_rows += len(batch)
    return n_rows


def read(path: Path) -> SeedFile:
    """Read a seed file; raises `FileNotFoundError` with the remedy if the stage has not run."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no seed file; train the profile first (recommndr train --profile …)")
    table = pq.read_table(path)
    rows = [EntityState(*row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    return SeedFile(float(table.schema.metadata[_UNTIL]), rows)


def seed_path(profile: str) -> Path:
    """Where the stage writes."""
    return params.profile_dir(profile) / "seed" / "seeds.parquet"


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Replay what the shipped version of a profile has learnt and write its seed file."""
    data = params.data(profile)
    directory = params.profile_dir(profile) / shipped.DIRECTORY
    lines, identified = coded_lines.read(directory / TRAIN_LINES), logins.read(directory / TRAIN_LOGINS)
    events = history.of_lines(lines, data.policy.own_kinds, identified=identified)
    with Replay([events], ShardPool.start(data.policy.counting), segments=SegmentBook()) as replay:
        replay.advance_to(shipped.until(profile).timestamp())
        write(replay, seed_path(profile))


if __name__ == "__main__":
    typer.run(main)
