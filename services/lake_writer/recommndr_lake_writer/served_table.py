"""The lake's table of answers: what `recommndr.served.v1` had, a row for each answer, kept longer than the topic.

The names of ranker inputs are four times as long as their values and the same for all answers of a bundle, so they are in a
file beside the table (`ColumnNames`). A topic may repeat an answer; readers take each once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from recommndr.private_file import write_private
from recommndr_lake_writer.fenced_table import FencedTable

PARTITION_BY = ("tenant", "served_on")
_INSTANT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("tenant", pa.string()),
        ("served_on", pa.date32()),  # the day of `at` in UTC
        ("at", _INSTANT),  # by the slot's clock
        ("user_id", pa.string()),
        ("request_id", pa.string()),
        ("list_name", pa.string()),
        ("ladder", pa.string()),
        ("method", pa.string()),
        ("model_version", pa.string()),
        ("release", pa.string()),
        ("arm", pa.string()),
        ("country", pa.string()),
        ("device", pa.string()),
        ("n_events", pa.int32()),
        ("asked", pa.string()),  # JSON; null: nothing but the usual
        ("item_ids", pa.list_(pa.string())),
        ("scores", pa.list_(pa.float32())),
        ("sources", pa.list_(pa.list_(pa.string()))),
        ("n_candidates", pa.int32()),
        ("drawn_item_id", pa.string()),
        ("drawn_score", pa.float64()),
        ("drawn_inputs", pa.list_(pa.float32())),
        ("shown_inputs", pa.list_(pa.float32())),  # places one after the other
        ("partition", pa.int32()),
        ("offset", pa.int64()),
    ]
)


def served_dir(lake_dir: Path) -> Path:
    """The folder of the table."""
    return lake_dir / "served"


class ServedTable(FencedTable):
    """The lake's table of answers."""

    def __init__(self, lake_dir: Path) -> None:
        super().__init__(served_dir(lake_dir), SCHEMA, PARTITION_BY)
        self._add_missing_columns(SCHEMA)


@dataclass(frozen=True, slots=True)
class Named:
    """What a bundle calls its ranker's inputs, and its retrievers."""

    columns: tuple[str, ...]
    retrievers: tuple[str, ...]


@dataclass
class ColumnNames:
    """The names of each bundle's ranker inputs, a file by version of the bundle."""

    lake_dir: Path
    _known: dict[str, Named] = field(default_factory=dict, init=False)

    def note(self, version: str, named: Named) -> None:
        """Write them down unless they are there; raises `OSError`."""
        if self.of(version) is None:
            write_private(self._path(version), json.dumps({"columns": named.columns, "retrievers": named.retrievers}))

    def of(self, version: str) -> Named | None:
        """None while nobody has noted them; raises `OSError` or `ValueError`."""
        if version not in self._known:
            try:
                found: Mapping[str, list[str]] = json.loads(self._path(version).read_text())
            except FileNotFoundError:
                return None
            self._known[version] = Named(tuple(found["columns"]), tuple(found["retrievers"]))
        return self._known[version]

    def _path(self, version: str) -> Path:
        return self.lake_dir / "served_columns" / f"{quote(version, safe='')}.json"


def stored_answers(
    lake_dir: Path, tenant: str, since: datetime, until: datetime, columns: Sequence[str] = SCHEMA.names
) -> Iterator[pa.Table]:
    """A tenant's answers with `since <= at < until`, one table for each day that has any, oldest first, each answer once.

    `columns` of `SCHEMA` are read, and `at` and `request_id`. Raises `deltalake.exceptions.DeltaError`.
    """
    path = served_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return
    dataset = DeltaTable(path).to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
    names = list(dict.fromkeys([*columns, "at", "request_id"]))
    day = since.date()
    while day <= until.date():
        rows = dataset.to_table(columns=names, filter=_of_day(tenant, day, since, until))
        if rows.num_rows:
            yield _each_once(rows.sort_by([("at", "ascending"), ("request_id", "ascending")]))
        day += timedelta(days=1)


def _of_day(tenant: str, day: date, since: datetime, until: datetime) -> pc.Expression:
    at = pc.field("at")
    of_tenant = (pc.field("tenant") == tenant) & (pc.field("served_on") == pa.scalar(day, pa.date32()))
    return of_tenant & (at >= pa.scalar(since, _INSTANT)) & (at < pa.scalar(until, _INSTANT))


def _each_once(rows: pa.Table) -> pa.Table:
    """Without the later of rows with the same request."""
    codes = rows["request_id"].combine_chunks().dictionary_encode().indices
    places = pa.table({"code": codes, "place": pa.array(range(rows.num_rows), pa.int64())})
    first = places.group_by("code").aggregate([("place", "min")])["place_min"]
    return rows if len(first) == rows.num_rows else rows.take(first.sort())
