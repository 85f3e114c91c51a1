"""Lines of events as compact columns: every id and word is stored once and each row holds its number.

Ten million lines are 0.7 GB so, instead of 5 GB of Python strings, and an expectation about a word looks at distinct words.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Codes = npt.NDArray[np.int32]


def compact(lines: pa.Table, item_ids: Sequence[str]) -> pd.DataFrame:
    """Columns for the suite of events; row i is line i.

    Beside the lines' own columns: `item_id_of_catalogue` (the item where the catalogue knows it, else null);
    `user_id_of_event`, `kind_of_event`, `at_s_of_event` (as the event's first line has them); `event_no` (events numbered by
    first line, -1 = null); `lines_of_event`; `opens_event` (first line of its event).
    """
    event = codes(lines["event_id"])[0]
    first = first_rows(event)
    user, item, kind = (categorical(lines[name]) for name in ("user_id", "item_id", "kind"))
    at_s = lines["at_s"].to_numpy()
    opener = np.where(event >= 0, first[event], -1)  # row of the event's first line
    rows = np.arange(len(event))
    n_lines = np.bincount(event[event >= 0], minlength=len(first))
    columns: dict[str, Any] = {
        "event_id": pd.array(lines["event_id"].cast(pa.large_string()), pd.ArrowDtype(pa.large_string())),
        "event_no": event,
        "user_id": user,
        "user_id_of_event": _taken(user, opener),
        "item_id": item,
        "item_id_of_catalogue": _known(item, item_ids),
        "kind": kind,
        "kind_of_event": _taken(kind, opener),
        "at_s": at_s,
        "at_s_of_event": np.where(opener >= 0, at_s[opener] if len(at_s) else at_s, np.nan),
        "quantity": lines["quantity"].to_numpy(),
        "price_minor": lines["price_minor"].to_numpy().astype(np.float64, copy=False),
        "lines_of_event": n_lines[event].astype(np.int32) if len(first) else np.zeros(len(event), np.int32),
        "opens_event": opener == rows,
    }
    return pd.DataFrame(columns, copy=False)


def codes(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """(n,) place of each value among the distinct ones, in order of first appearance, -1 = null; and the distinct values."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # a table without rows has no chunk
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string()).dictionary_encode()
    return whole.indices.fill_null(-1).to_numpy().astype(np.int32, copy=False), whole.dictionary


def categorical(column: pa.ChunkedArray) -> pd.Categorical:
    """The column as a pandas categorical."""
    places, distinct = codes(column)
    return pd.Categorical.from_codes(places, pd.Index(distinct.to_pylist(), dtype=object), validate=False)


def first_rows(places: Codes) -> npt.NDArray[np.int64]:
    """(n_distinct,) row where each place first occurs.

    >>> first_rows(np.array([0, 1, 0, -1, 1], np.int32)).tolist()
    [0, 1]
    """
    first = np.zeros(int(places.max(initial=-1)) + 1, np.int64)
    backwards = np.flatnonzero(places >= 0)[::-1]
    first[places[backwards]] = backwards  # the last assignment stands
    return first


def _taken(values: pd.Categorical, rows: npt.NDArray[np.int64]) -> pd.Categorical:
    taken = np.where(rows >= 0, values.codes[rows] if len(values) else values.codes, -1)
    return pd.Categorical.from_codes(taken.astype(np.int32), dtype=values.dtype, validate=False)


def _known(item: pd.Categorical, item_ids: Sequence[str]) -> pd.Categorical:
    known = item.categories.isin(pd.Index(item_ids))
    known_code = np.append(np.where(known, np.arange(len(known)), -1), -1).astype(np.int32)  # the last one: a null stays null
    return pd.Categorical.from_codes(known_code[item.codes], dtype=item.dtype, validate=False)
