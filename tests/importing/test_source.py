import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_importing import batch, text_blocks
from recommndr_importing.batch import BadFile
from recommndr_importing.mapping import TextFile
from recommndr_importing.source import open_source


def read(path: Path, **written: Any) -> tuple[list[dict[str, Any]], list[int], list[int]]:
    """Rows, their numbers, the numbers of broken ones."""
    batches = list(open_source(path, TextFile(**written)).batches())
    rows = [row for part in batches for row in part.rows.to_pylist()]
    numbers = [int(number) for part in batches for number in part.row_numbers]
    return rows, numbers, [row.number for part in batches for row in part.broken]


def test_a_csv_is_text_until_the_mapping_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text('\ufeffid,what\n007,"one, two"\n,nan\n')
    rows, numbers, broken = read(tmp_path / "log.csv")
    assert rows == [{"id": "007", "what": "one, two"}, {"id": None, "what": "nan"}]
    assert (numbers, broken) == ([1, 2], [])


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_rows_of_another_width_are_set_aside_and_the_others_keep_their_numbers(
    tmp_path: Path, batch_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BATCH_ROWS", batch_rows)
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 16)
    (tmp_path / "log.csv").write_text("a,b\n1,1\n2\n3,3\n4,4,4\n5,5\n6\n")
    rows, numbers, broken = read(tmp_path / "log.csv")
    assert [int(row["a"]) for row in rows] == numbers == [1, 3, 5]
    assert broken == [2, 4, 6]


def test_a_file_without_header_has_the_mappings_names(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_bytes('1\t5\t"Am\xe9lie\n'.encode("latin-1"))
    rows, _, _ = read(tmp_path / "u.data", delimiter="\t", columns=("user", "item", "title"), encoding="latin-1", quoted=False)
    assert rows == [{"user": "1", "item": "5", "title": '"Amélie'}]


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(st.text("a:b", max_size=4), min_size=2, max_size=2), min_size=1, max_size=8), n=st.integers(1, 7))
def test_a_delimiter_of_two_characters_parts_values_wherever_a_block_ends(
    rows: list[list[str]], n: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [[value.replace(":", "") or "x" for value in row] for row in rows]
    path = tmp_path_factory.mktemp("file") / "ratings.dat"
    path.write_text("\n".join("::".join(row) for row in rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_BYTES", n)
        found, _, broken = read(path, delimiter="::", columns=("a", "b"), quoted=False)
    assert ([list(row.values()) for row in found], broken) == (rows, [])


def test_a_compressed_file_is_read_by_its_inner_ending(tmp_path: Path) -> None:
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(b"a\n1\n"))
    (tmp_path / "log.jsonl.gz").write_bytes(gzip.compress(b'{"a": "1"}\n'))
    assert read(tmp_path / "log.csv.gz")[0] == read(tmp_path / "log.jsonl.gz")[0] == [{"a": "1"}]


def test_a_parquet_file_comes_in_batches_with_its_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_ROWS", 2)
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "log.parquet")
    assert read(tmp_path / "log.parquet")[:2] == ([{"a": 1}, {"a": 2}, {"a": 3}], [1, 2, 3])


def test_json_times_stay_text_and_broken_lines_are_set_aside(tmp_path: Path) -> None:
    lines = ['{"id": 1, "at": "2020-01-01T00:00:00Z", "tags": []}', "{", "[1]", '{"id": "x", "tags": ["a", 2]}']
    (tmp_path / "log.jsonl").write_text("\n\n".join(lines))
    rows, numbers, broken = read(tmp_path / "log.jsonl")
    assert rows == [
        {"id": "1", "at": "2020-01-01T00:00:00Z", "tags": "[]"},
        {"id": "x", "at": None, "tags": '["a", "2"]'},
    ]
    assert (numbers, broken) == ([1, 4], [2, 3])


@settings(max_examples=30)
@given(rows=st.lists(st.dictionaries(st.sampled_from(["id", "at"]), st.text(max_size=5), min_size=2), min_size=1, max_size=9))
def test_json_lines_are_read_back(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("json") / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read(path)[0] == rows


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.csv", b"", "the file is empty: expected a header"),
        ("log.csv", b"a,a\n1,2\n", "two columns have the same name"),
        ("log.parquet", b"no parquet", "cannot be read"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=said):
        open_source(tmp_path / name, TextFile())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"missing\.csv: no such file"):
        open_source(tmp_path / "missing.csv", TextFile())
