"""The prepared tables of a profile, the same for all shops: lines of events and items, on their original dates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recommndr_training.data import coded_lines, logins
from recommndr_training.data.logins import NO_LOGINS

ITEMS_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("title", pa.string()),
        ("category_path", pa.list_(pa.string())),
        ("brand", pa.string()),
        ("price_minor", pa.int32()),
        ("currency", pa.string()),
        ("group_id", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("available_from", pa.timestamp("us", tz="UTC")),
        ("available_until", pa.timestamp("us", tz="UTC")),
    ]
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The prepared tables, with counts of what happened to the raw lines."""

    lines: pd.DataFrame
    items: pd.DataFrame
    counts: Mapping[str, int]
    logins: pa.Table = field(default_factory=lambda: NO_LOGINS)


def prices(lines: pd.DataFrame) -> "pd.Series[int]":
    """Usual price of one piece in minor units by item id: the median of these lines; negative prices are mistakes."""
    priced = lines.loc[lines["price_minor"].fillna(-1) >= 0, ["item_id", "price_minor"]]
    return priced.groupby("item_id", observed=True)["price_minor"].median().round().astype(np.int32)


def write(prepared: Prepared, directory: Path) -> None:
    """Write `lines.parquet`, `logins.parquet`, `items.parquet` and `rejected.json`."""
    directory.mkdir(parents=True, exist_ok=True)
    coded_lines.write(prepared.lines, directory / "lines.parquet")
    logins.write(prepared.logins, directory / "logins.parquet")
    items = pa.Table.from_pandas(prepared.items, ITEMS_SCHEMA, preserve_index=False)
    pq.write_table(items.replace_schema_metadata(None), directory / "items.parquet", compression="zstd")
    (directory / "rejected.json").write_text(json.dumps(prepared.counts, indent=2) + "\n")
