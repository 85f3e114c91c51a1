"""Lines of events as compact columns: every id and word is stored once, and each row holds its code.

Ten million lines take 0.7 GB instead of 5 GB of Python strings, and expectations about words look at distinct words only.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_training.validation.identifiers import are_uuids

SOUND_EVENT_ID = "00000000-0000-0000-0000-000000000000"  # stands for all event ids that are UUIDs
Codes = npt.NDArray[np.int32]


def compact(lines: pa.Table, item_ids: Sequence[str]) -> pd.DataFrame:
    """Columns for the suite of events; row i is line i.

    Beside the lines' own columns: `item_id_of_catalogue` (the item where the catalogue knows it, else null);
    `user_id_of_event`, `kind_of_event`, `at_s_of_event` (as the event's first line has them); `event_no` (events numbered by
    first line, -1 = null); `lines_of_event`; `opens_event` (first line of its event). `event_id` is `SOUND_EVENT_ID` where
    it is a UUID.
    """
    event = codes(lines["event_id"])[0]
    first = first_rows(event)
    user, item, kind = (categorical(lines[name]) for name in ("user_id", "item_id", "kind"))
    at_s = lines["at_s"].to_numpy()
    opener = np.where(event >= 0, first[event], -1)  # row of the event's first line
    rows = np.arange(len(event))
    n_lines = np.bincount(event[event >= 0], minlength=len(first))
    columns: dict[str, Any] = {
        "event_id": _shapes(lines["event_id"]),
        "event_no": event,
        "user_id": user,
        "user_id_of_event": _taken(user, opener),
        "item_id": item,
        "item_id_of_catalogue": _known(item, item_ids),
        "kind": kind,
        "kind_of_event": _taken(kind, opener),
        "at_s": at_s,
        "at_s_of_event": np.where(opener >= 0, at_s[opener] if len(at_s) else at_s, np.nan),
        "quantity": _floats(lines["quantity"]),
        "price_minor": _floats(lines["price_minor"]),
        "lines_of_event": n_lines[event] if len(first) else event.astype(np.int64),
        "opens_event": opener == rows,
    }
    return pd.DataFrame(columns, copy=False)


def _shapes(event_ids: pa.ChunkedArray) -> pd.Categorical:
    """Replace all UUIDs among event ids by one, because there are nearly as many as rows; other values are kept."""
    sound = are_uuids(event_ids)
    shapes = pc.if_else(sound, SOUND_EVENT_ID, event_ids)
    return categorical(shapes)


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    # float64 also where int32 would do, because Great Expectations compares other widths value by value in Python
    floats: npt.NDArray[np.float64] = column.to_numpy().astype(np.float64, copy=False)
    return floats


def codes(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """(n,) code of each value in order of first appearance, -1 = null; and the distinct values."""
    # Encoding gives all chunks one dictionary; chunks that come encoded have dictionaries of their own.
    encoded = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if not encoded.num_chunks:
        return np.zeros(0, np.int32), pa.array([], pa.string())
    indices = pa.chunked_array([chunk.indices for chunk in encoded.chunks]).fill_null(-1)
    return indices.to_numpy().astype(np.int32, copy=False), encoded.chunks[-1].dictionary


def categorical(column: pa.ChunkedArray) -> pd.Categorical:
    """The column as a pandas categorical."""
    places, distinct = codes(column)
    return pd.Categorical.from_codes(places, pd.Index(distinct.to_pylist(), dtype=object), validate=False)


def first_rows(places: Codes) -> npt.NDArray[np.int64]:
    """(n_distinct,) row of the first occurrence of each code.

    >>> first_rows(np.array([0, 1, 0, -1, 1], np.int32)).tolist()
    [0, 1]
    """
    first = np.zeros(int(places.max(initial=-1)) + 1, np.int64)
    backwards = np.flatnonzero(places >= 0)[::-1]
    first[places[backwards]] = backwards  # the last assignment counts
    return first


def _taken(values: pd.Categorical, rows: npt.NDArray[np.int64]) -> pd.Categorical:
    taken = np.where(rows >= 0, values.codes[rows] if len(values) else values.codes, -1)
    return pd.Categorical.from_codes(taken.astype(np.int32), dtype=values.dtype, validate=False)


def _known(item: pd.Categorical, item_ids: Sequence[str]) -> pd.Categorical:
    known = item.categories.isin(pd.Index(item_ids))
    known_code = np.append(np.where(known, np.arange(len(known)), -1), -1).astype(np.int32)  # the last entry keeps null as null
    return pd.Categorical.from_codes(known_code[item.codes], dtype=item.dtype, validate=False)
