"""Reads columns of several words: category paths and tags."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing.columns import find, text
from recommndr_importing.mapping import Words

_MAX_CHARS = 128


def lists(rows: pa.Table, words: Words, field: str, max_words: int) -> pa.Array:
    """Return the words of each row, (n,) list<string>, at most `max_words`, without empty ones; raises `MissingColumn`."""
    if words.columns is not None:
        names = [find([name], rows.column_names, field, words.optional) for name in words.columns]
        parts = [text(rows[name].combine_chunks()) for name in names if name is not None]
        return _cleaned(_side_by_side(parts, rows.num_rows), max_words)
    name = find(words.column or (), rows.column_names, field, words.optional)
    if name is None:
        return _cleaned(_side_by_side([], rows.num_rows), max_words)
    column = rows[name].combine_chunks()
    if not pa.types.is_list(column.type):
        written = text(column)
        column = _split(written, words.separator)
    return _cleaned(column, max_words)


def _split(written: pa.Array, separator: str | None) -> pa.Array:
    """Split text into words: the elements of a JSON list (from JSON lines or CSV), or the parts of other text."""
    encoded = written.dictionary_encode()
    distinct = [_words(word, separator) for word in encoded.dictionary.to_pylist()]
    return pa.array(distinct, pa.list_(pa.string())).take(encoded.indices)


def _words(written: str, separator: str | None) -> list[str]:
    if written.startswith("[") and written.endswith("]"):
        try:
            return [part if isinstance(part, str) else json.dumps(part) for part in json.loads(written) if part is not None]
        except (ValueError, RecursionError):
            pass  # text in brackets that is not JSON
    return [written] if separator is None else written.split(separator)


def _side_by_side(parts: list[pa.Array], n: int) -> pa.Array:
    offsets = np.arange(n + 1, dtype=np.int32) * len(parts)
    together = pa.concat_arrays(parts) if parts else pa.nulls(0, pa.string())
    by_row = np.arange(n * len(parts)).reshape(len(parts), n).T.ravel()
    return pa.ListArray.from_arrays(offsets, together.take(pa.array(by_row)))


def _cleaned(column: pa.Array, max_words: int) -> pa.Array:
    rows = pc.list_parent_indices(column).to_numpy()
    words = pc.utf8_slice_codeunits(text(column.flatten()), 0, _MAX_CHARS)
    kept = words.is_valid().to_numpy(zero_copy_only=False)
    counts = np.bincount(rows[kept], minlength=len(column))
    starts = np.r_[0, np.cumsum(counts)]
    places = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
    shown = places < max_words
    offsets = np.r_[0, np.cumsum(np.minimum(counts, max_words))].astype(np.int32)
    return pa.ListArray.from_arrays(offsets, words.filter(pa.array(kept)).filter(pa.array(shown)))
