"""What shoppers did with the items of lists, from the events in the lake: labels for rows of what was served.

The token of an event says which list it came from. Purchases carry none: who bought what after a click is for outcomes to pair.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from recommndr import attribution
from recommndr.attribution import BadAttribution
from recommndr.outcomes.act import MEASURE_OF
from recommndr_lake_writer.lake import iter_events

KINDS = tuple(MEASURE_OF)
FIELDS = [pa.field(kind, pa.bool_()) for kind in KINDS]


@dataclass(frozen=True, slots=True)
class Acts:
    """By kind the places, as `_key` has them, that a shopper did something with."""

    places: dict[str, pa.Array]

    @classmethod
    def read(cls, lake_dir: Path, tenant: str, since: datetime, until: datetime) -> Self:
        """Of events with `since <= event_at < until` whose token was good and that nobody doubts."""
        found: dict[str, list[pa.Array]] = {kind: [] for kind in KINDS}
        for day in iter_events(lake_dir, tenant, since, until):
            told = day.filter(pc.and_(pc.is_valid(day["attribution"]), pc.is_valid(day["item_id"])))
            told = told.filter(pc.is_null(told["doubt"]))
            keys = _key(_requests(told["attribution"]), told["item_id"].combine_chunks())
            for kind, places in found.items():
                places.append(keys.filter(pc.equal(told["kind"], kind).combine_chunks()).unique())
        return cls({kind: pa.concat_arrays([pa.array([], pa.string()), *places]) for kind, places in found.items()})

    def beside(self, rows: pa.Table) -> pa.Table:
        """The rows with a column for each kind: whether the shopper did that with the item of the list."""
        keys = _key(rows["request_id"].combine_chunks(), rows["item_id"].combine_chunks())
        for field, places in zip(FIELDS, self.places.values(), strict=True):
            rows = rows.append_column(field, pc.is_in(keys, value_set=places))
        return rows


def _requests(tokens: pa.ChunkedArray) -> pa.Array:
    """The request of each token; null where it cannot be read. A list's events have one token, which is read once."""
    encoded = tokens.combine_chunks().dictionary_encode()
    requests = pa.array([_request(token) for token in encoded.dictionary.to_pylist()], pa.string())
    return requests.take(encoded.indices)


def _request(token: str) -> str | None:
    try:
        return attribution.read(token).request_id
    except BadAttribution:
        return None


def _key(requests: pa.Array, items: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(requests, items, "|")
