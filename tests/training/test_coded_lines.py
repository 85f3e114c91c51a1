"""Lines in memory hold what repeats as codes, and say the same as lines of plain strings."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.tenancy import TenantPolicy
from recommndr_training.data import coded_lines, history
from recommndr_training.data.coded_lines import LINES_SCHEMA, REPEATED
from recommndr_training.data.id_codes import coded
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.known_items import known_since
from recommndr_training.data.prepared import prices

WORDS = st.lists(st.none() | st.text("abcé", max_size=3), max_size=30)


def plain(n: int = 200) -> pd.DataFrame:
    """Lines as plain strings, some events with two items, in no order of ids."""
    random = np.random.default_rng(0)
    events = np.sort(random.integers(0, n // 2, n))
    at_s = 1_000.0 * events
    columns = {
        "event_id": [f"e{event:05d}" for event in events[::-1]],
        "user_id": [f"u{event % 7}" for event in events[::-1]],
        "item_id": [f"i{place}" for place in random.integers(0, 40, n)],
        "kind": ["purchase" if event % 3 else "view" for event in events[::-1]],
        "at_s": at_s[::-1],
        "known_s": at_s[::-1],
        "n_lines": np.ones(n, np.int32),
        "quantity": np.ones(n, np.int32),
        "price_minor": pd.array(np.where(np.arange(n) % 5, 250, None), "Int32"),
        "device": [None if event % 4 else "phone" for event in events[::-1]],
        **{name: [None] * n for name in ("os", "country", "region")},
    }
    return pd.DataFrame(columns).drop_duplicates(["event_id", "item_id"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    coded_lines.write(plain(), tmp_path / "lines.parquet")
    return tmp_path / "lines.parquet"


@given(words=WORDS, splits=st.lists(st.integers(0, 30), max_size=3))
def test_codes_are_places_among_the_sorted_words_however_a_column_is_stored(words: list[str | None], splits: list[int]) -> None:
    bounds = [0, *sorted(min(split, len(words)) for split in splits), len(words)]
    parts = [pa.array(words[start:stop], pa.string()) for start, stop in pairwise(bounds)]
    texts = pa.chunked_array(parts, pa.string())
    with_a_word_too_much = pd.Categorical(words, categories=["zzz", *sorted(set(words) - {None}, reverse=True)])
    each_chunk_by_itself = pa.chunked_array([part.dictionary_encode() for part in parts])
    expected = sorted(set(words) - {None})
    for column in (texts, each_chunk_by_itself, pd.Series(words, dtype=object), pd.Series(with_a_word_too_much)):
        codes, distinct = coded(column)
        assert distinct.to_pylist() == expected
        assert [None if code < 0 else expected[code] for code in codes] == words


def test_what_repeats_is_read_as_codes_and_takes_a_byte_or_two_of_each_line(path: Path) -> None:
    lines = coded_lines.read(path)
    for name in REPEATED:
        assert isinstance(lines[name].dtype, pd.CategoricalDtype)
        assert lines[name].cat.codes.to_numpy().itemsize == 1
        assert lines[name].cat.categories.is_monotonic_increasing
    strings = pd.read_parquet(path)
    assert lines.astype(object).where(lines.notna(), None).equals(strings.astype(object).where(strings.notna(), None))


def test_files_have_plain_strings_for_every_reader(path: Path) -> None:
    stored = pq.read_schema(path)
    assert stored.equals(LINES_SCHEMA)
    assert stored.metadata is None
    coded_lines.write(coded_lines.read(path), path.with_name("again.parquet"))
    assert pq.read_table(path.with_name("again.parquet")).equals(pq.read_table(path))


def test_several_files_are_read_with_one_table_of_words(path: Path, tmp_path: Path) -> None:
    lines = coded_lines.read(path)
    parts = [tmp_path / "first.parquet", tmp_path / "second.parquet"]
    for part, some in zip(parts, (lines.iloc[:20], lines.iloc[20:]), strict=True):
        coded_lines.write(some, part)
    pd.testing.assert_frame_equal(coded_lines.read(*parts), lines)


def test_codes_and_strings_give_the_same_interactions_history_and_prices(path: Path) -> None:
    lines, strings = coded_lines.read(path), pd.read_parquet(path)
    lines = lines[lines["at_s"] > lines["at_s"].median()]  # categories stay those of all lines
    strings = strings[strings["at_s"] > strings["at_s"].median()]
    found, expected = (Interactions.from_lines(each, TenantPolicy(), ["i1", "x"]) for each in (lines, strings))
    for name in ("user_ids", "item_ids", "users", "items", "pairs", "visits", "kinds", "weights", "at_s", "known_s"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert history.of_lines(lines).equals(history.of_lines(strings))
    assert prices(lines).to_dict() == prices(strings).to_dict()
    items = pd.DataFrame({"item_id": ["i1", "i2", "x"], "available_from": pd.Series([None] * 3, dtype="datetime64[us, UTC]")})
    np.testing.assert_array_equal(known_since(items, lines), known_since(items, strings))
