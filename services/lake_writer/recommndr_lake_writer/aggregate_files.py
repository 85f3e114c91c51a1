"""Reads aggregates from `recommndr-spark aggregate`: each tenant's pairs in Parquet, the rest in one JSON file."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from recommndr_lake_writer.aggregate import SCHEMA, Aggregate, Weighing
from recommndr_lake_writer.interest import Interest


class NotAggregated(ValueError):
    """The folder has no aggregate of this tenant."""


def pairs_dir(directory: Path, tenant: str) -> Path:
    """The folder of a tenant's Parquet files."""
    return directory / "pairs" / f"tenant={tenant}"


def tenants_file(directory: Path) -> Path:
    """The file of all tenants' counts, weights and instants, and whether each gets ALS."""
    return directory / "tenants.json"


@dataclass(frozen=True, slots=True)
class Aggregated:
    """An aggregate, with its weighing and its period (None: open on that side)."""

    aggregate: Aggregate
    weighing: Weighing
    since: datetime | None
    until: datetime | None


def read_aggregate(directory: Path, tenant: str) -> Aggregated:
    """A tenant's aggregate, pairs ordered by user and item; raises `NotAggregated`."""
    path = tenants_file(directory)
    tenants: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    if tenant not in tenants:
        raise NotAggregated(
            f"no aggregate of tenant {tenant!r} in {directory}, which has {sorted(tenants)}: aggregate it first"
        )
    told = tenants[tenant]
    files = sorted(pairs_dir(directory, tenant).glob("*.parquet"))
    parts = [pq.ParquetFile(file).read(SCHEMA.names).cast(SCHEMA) for file in files]
    pairs = pa.concat_tables([SCHEMA.empty_table(), *parts]).sort_by([("user_id", "ascending"), ("item_id", "ascending")])
    aggregate = Aggregate(pairs, told["n_lines_by_kind"], _instant(told["first_at"]), _instant(told["as_of"]))
    weighing = Weighing(Interest(**told["interest"]), told["weights"], told["half_life_days"])
    return Aggregated(aggregate, weighing, _instant(told["since"]), _instant(told["until"]))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
