"""The prepared tables of a profile, the same for all shops: lines of events and items, on their original dates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

LINES_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("user_id", pa.string()),
        ("item_id", pa.string()),
        ("kind", pa.string()),
        ("at_s", pa.float64()),  # when it happened
        ("known_s", pa.float64()),  # when the shop knew it: when it was received, but not before it happened
        ("n_lines", pa.int32()),  # lines of the event with the item; item states count lines
        ("quantity", pa.int32()),
        ("price_minor", pa.int32()),
        ("device", pa.string()),
        ("os", pa.string()),
        ("country", pa.string()),
        ("region", pa.string()),
    ]
)
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


def prices(lines: pd.DataFrame) -> "pd.Series[int]":
    """Usual price of one piece in minor units by item id: the median of these lines; negative prices are mistakes."""
    priced = lines[lines["price_minor"].fillna(-1) >= 0]
    return priced.groupby("item_id")["price_minor"].median().round().astype(np.int32)


def write(prepared: Prepared, directory: Path) -> None:
    """Write `lines.parquet`, `items.parquet` and `rejected.json`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, frame, schema in (("lines", prepared.lines, LINES_SCHEMA), ("items", prepared.items, ITEMS_SCHEMA)):
        table = pa.Table.from_pandas(frame, schema, preserve_index=False)
        pq.write_table(table.replace_schema_metadata(None), directory / f"{name}.parquet", compression="zstd")
    (directory / "rejected.json").write_text(json.dumps(prepared.counts, indent=2) + "\n")
