"""The first rows of a sample as events, and the rows that are none with their reasons. Pure."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from rich.table import Column, Table

from recommndr_importing.columns import MissingColumn
from recommndr_importing.events import EventLog
from recommndr_importing.mapping import BadMapping, Mapping
from recommndr_training.shops.sample import Sample

SHOWN_ROWS = 10
_COLUMNS = ("at", "user_id", "kind", "item_id", "quantity", "price_minor", "currency")


@dataclass(frozen=True)
class Preview:
    """How a sample's rows would be imported."""

    lines: pa.Table  # all accepted rows of the sample, as `EventLog` converts them
    n_rows: int
    rejected: dict[str, int]  # by reason

    def table(self) -> Table:
        """The first rows for people."""
        shown = Table(*(Column(name, no_wrap=True) for name in _COLUMNS), box=None)
        for row in self.first.to_pylist():
            said = row | {"at": f"{row['at']:%Y-%m-%d %H:%M:%S}"}
            shown.add_row(*("" if value is None else str(value) for value in said.values()))
        return shown

    def told(self) -> str:
        """How many rows are no events, and why, a line each."""
        head = f"sample: {self.n_rows:,} rows, {sum(self.rejected.values()):,} of them no events"
        return "\n".join([head, *(f"  {reason}: {n:,}" for reason, n in self.rejected.items())])

    @property
    def first(self) -> pa.Table:
        """The first rows, with the columns that people look at."""
        return self.lines.select(_COLUMNS).slice(0, SHOWN_ROWS)


def preview(sample: Sample, mapping: Mapping, tenant: str, now: datetime) -> Preview:
    """Convert a sample of a log; raises `BadMapping` where the mapping names a column that the file does not have."""
    try:
        converted = EventLog(mapping.events, tenant, now).convert(sample.rows)
    except MissingColumn as cause:
        raise BadMapping(str(cause)) from None
    counts = pc.value_counts(converted.reasons).to_pylist()
    by_count = sorted(((each["values"], each["counts"]) for each in counts), key=lambda pair: -pair[1])
    return Preview(converted.lines, sample.rows.num_rows, dict(by_count))
