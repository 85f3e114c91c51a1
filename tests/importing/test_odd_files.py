"""Files as people have them, and files meant to do harm: what can be read is read, the rest is one line of text."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from recommndr_importing import text_blocks
from recommndr_importing.batch import BadFile
from recommndr_importing.mapping import TextFile
from recommndr_importing.rejects import Rejects
from recommndr_importing.source import open_source


def read(path: Path, **written: Any) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Rows, and number and reason of the broken ones."""
    batches = list(open_source(path, TextFile(**written)).batches())
    rows = [row for part in batches for row in part.rows.to_pylist()]
    return rows, [(row.number, row.reason) for part in batches for row in part.broken]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (b'a,"Price, EUR"\n1,2\n', ["a", "Price, EUR"]),
        (b'a,"Price,\nEUR"\r\n1,2\r\n', ["a", "Price, EUR"]),
        (b'a,"say ""b"""\n1,2', ["a", 'say "b"']),
        (b"a,b,,\n1,2,,\n", ["a", "b"]),
        (b"a,b\n1,2,,\n", ["a", "b"]),
        (b"a,b,,\n1,2\n", ["a", "b"]),
        (b",a,b\n0,1,2\n", ["a", "b"]),
        (b"\n\na,b\n\n1,2\n\n", ["a", "b"]),
        (b"a,b\r1,2\r", ["a", "b"]),
        (b"\xef\xbb\xbfa,b\n1,2", ["a", "b"]),
    ],
)
def test_headers_and_blank_columns_as_spreadsheets_write_them(tmp_path: Path, text: bytes, columns: list[str]) -> None:
    (tmp_path / "log.csv").write_bytes(text)
    rows, broken = read(tmp_path / "log.csv")
    assert (rows, broken) == ([dict(zip(columns, ["1", "2"], strict=True))], [])


def test_values_hold_delimiters_quotes_and_line_ends_where_they_stand_in_quotes(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text('id,text\n1,"a, ""b""\nc"\n2,5" pipe\n3,"""\n4,"x\n')
    rows, broken = read(tmp_path / "items.csv")
    assert [tuple(row.values()) for row in rows] == [("1", 'a, "b"\nc'), ("2", '5" pipe')]
    assert broken == [(3, "malformed"), (4, "malformed")]


def test_a_quoted_value_may_hold_a_delimiter_of_two_characters(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text('a::b\n1::"x::y"\n')
    assert read(tmp_path / "log.txt", delimiter="::")[0] == [{"a": "1", "b": "x::y"}]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "latin-1", "shift_jis"])
def test_other_encodings_are_read_as_the_mapping_says(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "log.csv").write_bytes("a,b\n1,2\n".encode(encoding))
    assert read(tmp_path / "log.csv", encoding=encoding)[0] == [{"a": "1", "b": "2"}]


def test_a_byte_that_the_encoding_does_not_have_is_one_reject(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes("a\né\n".encode("cp1252") + b"\x81\nok\n")
    assert read(tmp_path / "log.csv", encoding="cp1252") == ([{"a": "é"}, {"a": "ok"}], [(2, "encoding_invalid")])


def test_json_values_keep_their_digits_and_have_paths_for_names(tmp_path: Path) -> None:
    row = (
        '{"user": {"id": 12345678901234567890, "x": {"y": true}}, "n": 1.50, "e": 1e3, "big": 1e+30, "nan": NaN, "l": [1, "a"]}'
    )
    (tmp_path / "log.jsonl").write_text(row)
    assert read(tmp_path / "log.jsonl")[0] == [
        {
            "user.id": "12345678901234567890",
            "user.x.y": "true",
            "n": "1.50",
            "e": "1000",
            "big": "1e+30",
            "nan": None,
            "l": '["1", "a"]',
        }
    ]
    assert read(tmp_path / "log.jsonl", decimal=",")[0][0]["n"] == "1,50"


def test_a_name_that_only_a_late_row_has_is_a_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 10)
    (tmp_path / "log.jsonl").write_text('{"a": ": x"}\n{"a": 1}\n{"\\u0062": "2"}\n')
    assert read(tmp_path / "log.jsonl")[0] == [{"a": ": x", "b": None}, {"a": "1", "b": None}, {"a": None, "b": "2"}]


def test_json_nested_beyond_reason_is_a_reject(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    (tmp_path / "log.jsonl").write_text(f'{{"a": {deep}}}\n{{"a": {deep[:50_000]}\n{{"a": "1"}}\n')
    assert read(tmp_path / "log.jsonl") == ([{"a": "1"}], [(1, "malformed"), (2, "malformed")])


def test_a_line_without_end_is_one_reject_and_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 1 << 16)
    for name, text in (("log.csv", b"a\n1\n%b\n2\n"), ("log.jsonl", b'{"a":"1"}\n%b\n{"a":"2"}\n')):
        (tmp_path / name).write_bytes(text % (b"x" * (5 << 20)))
        assert read(tmp_path / name) == ([{"a": "1"}, {"a": "2"}], [(2, "row_too_long")])
        assert max(map(len, text_blocks.blocks(tmp_path / name))) < 2 << 20


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "FREE_BYTES", 1 << 20)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"a\n" + b"1\n" * (10 << 20)))
    with pytest.raises(BadFile, match=r"bomb\.csv\.gz: unpacks to more than 250 times its size"):
        read(tmp_path / "bomb.csv.gz")


def test_a_packed_file_is_known_by_what_it_is_and_may_have_several_parts(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(gzip.compress(b"a\n1\n") + gzip.compress(b"2\n"))
    (tmp_path / "log.csv.gz").write_bytes(b"a\n1\n2\n")
    assert read(tmp_path / "log.csv")[0] == read(tmp_path / "log.csv.gz")[0] == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("name", ["log.csv.gz", "log.jsonl.gz"])
def test_a_file_that_was_cut_is_reported_with_the_last_row_that_is_whole(tmp_path: Path, name: str) -> None:
    rows = [f'{{"a": {n * 7919 % 100_003}}}' if "json" in name else f"{n * 7919 % 100_003}" for n in range(30_000)]
    whole = gzip.compress("\n".join(["a", *rows] if "csv" in name else rows).encode())
    (tmp_path / name).write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BadFile, match=rf"{name}: cannot be read after row (1\d|2\d),\d\d\d: "):
        read(tmp_path / name)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("log.csv", "a\n1\n")
    return file.getvalue()


def twice() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["x"])] * 2, names=["a", "a"]), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.csv.gz", gzip.compress(bytes(range(256)) * 900, mtime=0)[:300], "cannot be read"),
        ("log.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 9_000, mtime=0)[:30], "cannot be read"),
        ("log.zip", zipped(), "is a ZIP archive or a workbook: unpack it"),
        ("log.csv", zipped(), "is a ZIP archive or a workbook: unpack it"),
        ("orders.xlsx", b"PK\x03\x04", "save its sheet as CSV"),
        ("log.orc", b"ORC", "unknown ending: expected one of .parquet"),
        ("log", b"a\n1\n", "unknown ending"),
        ("log.csv", "a\n1\n".encode("utf-16"), "is UTF-16: set"),
        ("log.csv", "a\n1\n".encode("utf-16-le"), "zero bytes"),
        ("log.csv", b"caf\xe9\n1\n", "the header is not valid utf-8"),
        ("log.csv", b"", "the file is empty: expected a header"),
        ("log.csv", b",,\n1,2,3\n", "the header has no column names"),
        ("log.csv", b"a,a\n1,2\n", "two columns have the same name: 'a'"),
        ("log.parquet", twice(), "two columns have the same name: 'a'"),
        ("log.parquet", b"PAR1 no parquet", "cannot be read"),
        ("log.json", b'[{"a": 1},\n{"a": 2}]\n', "convert a JSON array"),
        ("log.json", b'[{"a": 1}]', "convert a JSON array"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line_with_its_name(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=f"{name}: ") as refused:
        read(tmp_path / name)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mapping_may_say_what_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "export").write_text("a\n1\n")
    assert read(tmp_path / "export", format="csv")[0] == [{"a": "1"}]


def test_cells_that_a_spreadsheet_would_run_are_harmless_in_a_rejects_file(tmp_path: Path) -> None:
    cells = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "-5", "+4.50", "plain", "a=b"]
    with Rejects(tmp_path / "rejects.csv", ["said"]) as rejects:
        n = len(cells)
        rejects.add("log.csv", pa.table({"said": cells}), pa.array(range(n)).to_numpy(), pa.array(["no"] * n))
    written = pa_csv.read_csv(
        tmp_path / "rejects.csv", convert_options=pa_csv.ConvertOptions(column_types={"said": pa.string()})
    )
    assert written["said"].to_pylist() == ["'" + cell for cell in cells[:5]] + cells[5:]
    assert json.dumps(rejects.first[0]["said"]) == '"=HYPERLINK(1)"'
