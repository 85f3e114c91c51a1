"""Stage seed: every shopper's and item's state as of the gate cut, in a file that `recommndr seed` publishes.

History is replayed once, here, on its original dates; publishing shifts the states and is a matter of seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from recommndr.features import item, shopper
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr_training import params
from recommndr_training.replay import States, replay

_SCHEMA = pa.schema([("group", pa.string()), ("entity", pa.string()), ("state", pa.binary())])
_UNTIL = b"until_s"


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


def entity_states(states: States) -> Iterator[EntityState]:
    """All states as rows, shoppers first, each group sorted by id."""
    for user_id in sorted(states.shoppers):
        yield EntityState(GROUP_USER, user_id, shopper.to_bytes(states.shoppers[user_id]))
    for item_id in sorted(states.items):
        yield EntityState(GROUP_ITEM, item_id, item.to_bytes(states.items[item_id]))


def write(states: States, path: Path) -> None:
    """Write the seed file of `states`."""
    rows = list(entity_states(states))
    table = pa.table(
        [[row.group for row in rows], [row.entity for row in rows], [row.state for row in rows]],
        schema=_SCHEMA.with_metadata({_UNTIL: repr(states.until_s)}),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")


def read(path: Path) -> SeedFile:
    """Read a seed file; raises `FileNotFoundError` with the cure when the stage has not run."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no seed file; train the profile first (recommndr train --profile …)")
    table = pq.read_table(path)
    rows = [EntityState(*row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    return SeedFile(float(table.schema.metadata[_UNTIL]), rows)


def seed_path(profile: str) -> Path:
    """Where the stage writes."""
    return params.profile_dir(profile) / "seed" / "seeds.parquet"


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Replay the training period of a profile and write its seed file."""
    data = params.data(profile)
    lines = pd.read_parquet(params.profile_dir(profile) / "split" / "train.parquet")
    states = replay(lines, data.gate_cut_s, purchase_half_life_s=data.purchase_half_life_s, own_kinds=data.policy.own_kinds)
    write(states, seed_path(profile))


if __name__ == "__main__":
    typer.run(main)
