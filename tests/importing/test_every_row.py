"""The laws of the importer: every row is a line or a reject, and what it says depends on no other row."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recommndr_importing import json_block, text_blocks
from recommndr_importing.events import EventLog
from recommndr_importing.json_block import JsonBlock
from recommndr_importing.json_lines import JsonLines
from recommndr_importing.mapping import TextFile, parse
from recommndr_importing.source import open_source

MAPPING = parse(
    """
events:
  user_id: user
  item_id: item
  kind: {column: kind, values: {see: view, buy: purchase}}
  time: {column: at, zone: Europe/Berlin}
  order_id: {column: order, optional: true}
  price: {column: price, currency: {column: currency}, optional: true}
""",
    "shop.yaml",
).events
HEADER = "user,item,kind,at,price,currency,note"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Judged = dict[int, dict[str, Any] | str]


def judged(path: Path, block_bytes: int = 1 << 20) -> Judged:
    """What became of each row of a file: its line, or the reason against it."""
    found: Judged = {}
    log = EventLog(MAPPING, "boutique", NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_BYTES", block_bytes)
        for batch in open_source(path, MAPPING.file).batches():
            converted = log.convert(batch.rows)
            found |= zip(batch.row_numbers[converted.accepted].tolist(), converted.lines.to_pylist(), strict=True)
            found |= zip(batch.row_numbers[~converted.accepted].tolist(), converted.reasons.to_pylist(), strict=True)
            found |= {row.number: row.reason for row in batch.broken}
    return found


def said(judged: Judged) -> list[str]:
    """What the rows of a file say together, whatever their order."""
    return sorted(map(repr, judged.values()))


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


IDS = st.sampled_from(
    ["u1", "007", "123.0", "9007199254740993", "12345678901234567890123", "5.01235E+12", "", "NULL", "x" * 129]
)
TIMES = ["2024-05-01 10:00:00", "2024-05-01T10:00:00.123456789Z", "2024-02-30", "1600-01-01T00:00:00+02:00", "20240501", "soon"]
PLAIN = st.text("ab 5é.-", max_size=5)
NOTES = st.one_of(PLAIN, st.text('ab",\n', max_size=6).map(quoted))
ROWS = st.tuples(
    IDS, IDS, st.sampled_from(["see", "buy", "shrug"]), st.sampled_from(TIMES),
    st.sampled_from(["1.5", "", "x", "1,234.50"]).map(quoted), st.sampled_from(["EUR", "JPY", "eur", "", "euro"]), NOTES,
).map(",".join)  # fmt: skip
GOOD = st.tuples(
    IDS, IDS, st.just("see"), st.sampled_from(TIMES), st.just("2.5"), st.just("EUR"),
    st.one_of(PLAIN, st.text("ab5", min_size=1, max_size=4).map(lambda text: quoted(text + ', "x"'))),
).map(",".join)  # fmt: skip
BAD = st.sampled_from(
    [
        b'u,i,see,2024-05-01,1,EUR,"half open',
        b'u,"half,see,2024-05-01,1,EUR,open',
        b'u,"i"x,see,2024-05-01,1,EUR,',
        b'u,i,see,2024-05-01,1,EUR,"',
        b"u,caf\xe9,see,2024-05-01,1,EUR,",
        b"u,i,see",
        b"u,i,see,2024-05-01,1,EUR,,too many",
        b'"',
        b"u" * (1 << 20) + b",i,see,2024-05-01,1,EUR,",
    ]
)


def csv_of(folder: Path, *rows: bytes | str) -> Path:
    """A file of rows."""
    path = folder / "log.csv"
    path.write_bytes(b"\n".join([HEADER.encode(), *(row if isinstance(row, bytes) else row.encode() for row in rows)]))
    return path


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=8), block_bytes=st.integers(1, 200), data=st.data())
def test_a_row_of_a_csv_says_the_same_alone_in_any_order_and_wherever_a_block_ends(
    rows: list[str], block_bytes: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    together = judged(csv_of(folder, *rows))
    assert sorted(together) == list(range(1, len(rows) + 1))
    assert judged(csv_of(folder, *rows), block_bytes) == together
    alone = [judged(csv_of(folder, row))[1] for row in rows]
    assert alone == [together[number] for number in sorted(together)]
    assert said(judged(csv_of(folder, *data.draw(st.permutations(rows))))) == said(together)


# A quote that one bad row opens and the next one closes is a value of two lines, as CSV has it.
BAD_ROWS = st.lists(BAD, min_size=1, max_size=2).filter(lambda rows: sum(b'"' in row for row in rows) < 2)


@settings(max_examples=80, deadline=None)
@given(before=st.lists(GOOD, max_size=4), bad=BAD_ROWS, after=st.lists(GOOD, max_size=4))
def test_a_bad_row_is_one_reject_and_leaves_the_lines_of_the_others_as_they_are(
    before: list[str], bad: list[bytes], after: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    good = judged(csv_of(folder, *before, *after)) if before or after else {}
    spoilt = judged(csv_of(folder, *before, *bad, *after))
    places = range(len(before) + 1, len(before) + len(bad) + 1)
    assert sorted(spoilt) == list(range(1, len(before) + len(bad) + len(after) + 1))
    assert {spoilt[place] for place in places} <= {"malformed", "encoding_invalid", "row_too_long"}
    assert [spoilt[number] for number in sorted(spoilt) if number not in places] == [good[number] for number in sorted(good)]


JSON_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=4),
    st.lists(st.integers(0, 3), max_size=2),
    st.just({"deep": {"er": 1}}),
)  # fmt: skip
JSON_ROWS = st.dictionaries(st.sampled_from(["user", "item", "kind", "at", "order", "price", "more"]), JSON_VALUES).map(
    lambda row: json.dumps({"kind": "see", "currency": "EUR", "at": "2024-05-01"} | row)
)


@settings(max_examples=60, deadline=None)
@example(rows=['{"kind": "see", "currency": "EUR", "at": "2024-05-01", "price": 1.797693134862316e+306}'])
@given(rows=st.lists(st.one_of(JSON_ROWS, st.sampled_from(["{", "[1]", '{"a":1,"a":2}', "1"])), min_size=1, max_size=6))
def test_a_row_of_json_says_the_same_alone_and_beside_rows_of_other_types(
    rows: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "log.jsonl"
    every = json.dumps(dict.fromkeys(["user", "item", "kind", "at", "price", "currency"]))  # so that each file has the names
    path.write_text("\n".join([every, *rows]))
    together = judged(path)
    assert sorted(together) == list(range(1, len(rows) + 2))
    for number, row in enumerate(rows, 2):
        path.write_text(f"{every}\n{row}")
        assert judged(path)[2] == together[number]


PLAIN_LINE = st.dictionaries(
    st.sampled_from(["a", "b", "é", "", "user id"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.lists(st.just(1), max_size=1)),
).flatmap(
    lambda row: st.sampled_from([json.dumps(row), json.dumps(row, ensure_ascii=False), json.dumps(row, separators=(",", ":"))])
)
SCRAPS = st.sampled_from(
    [
        *'{}[]",:\\ \t\r\0\x1f.-+0eE\u00a0',
        '"a"',
        '\\"',
        "\\u0061",
        "\\ud83d\\ude00",
        "\\udc00",
        "null",
        "NaN",
        "1",
        "1.50",
        "1e3",
        "x",
    ]
)


@st.composite
def lines_with_typing_errors(draw: st.DrawFn) -> bytes:
    """A line of JSON in which up to three places are written over."""
    line = draw(PLAIN_LINE)
    for _ in range(draw(st.integers(0, 3))):
        place, n = draw(st.integers(0, len(line))), draw(st.integers(0, 2))
        line = line[:place] + draw(SCRAPS) + line[place + n :]
    return line.encode(errors="surrogatepass") + draw(st.sampled_from([b"", b"", b"", b"\xff", b'{"a": 1}']))


@settings(max_examples=150, deadline=None)
@example(lines=[b'{"a": 1e3100000, "b": 1e99999999999999999999}'], point=".")
@example(lines=[b'{"a\\ud83d{": null}'], point=".")
@example(lines=[b'{"a": 1} {"a": 2}', b'{"a":', b"1}"], point=".")
@example(lines=[b'{"a": "x\\\\", "b": "\\"y", "a b": "\\\\\\"z"}'], point=",")
@given(lines=st.lists(lines_with_typing_errors(), min_size=1, max_size=6), point=st.sampled_from(".,"))
def test_a_line_of_json_says_the_same_read_with_many_and_alone(
    lines: list[bytes], point: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "log.jsonl"
    path.write_bytes(b"\n".join([b'{"a": "1"}', *lines]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_block, "_FEW_LINES", 1)
        together = told(path, point)
        patch.setattr(JsonBlock, "_plain", lambda self: np.zeros(self.n_lines, np.bool_))
        assert together == told(path, point)


def test_plain_lines_of_json_are_read_as_columns_and_not_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JsonLines, "_objects", lambda self, lines: iter(list(lines) and pytest.fail("read one by one")))
    path = tmp_path / "log.jsonl"
    path.write_text('{"a": "\\n", "b":-0.50 ,"c": null}\n\n{"c":true, "a": "\\\\", "b": 12345678901234567890123}\n{}\n')
    assert told(path, ".")[0] == [
        {"a": "\n", "b": "-0.50", "c": None},
        {"a": "\\", "b": "12345678901234567890123", "c": "true"},
        {"a": None, "b": None, "c": None},
    ]


def told(path: Path, point: str) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]], list[int]]:
    """Rows of a file, broken ones, and the numbers of the others."""
    written = TextFile.model_validate({"decimal": point})
    batches = list(open_source(path, written).batches())
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    return rows, [tuple(row) for batch in batches for row in batch.broken], [n for batch in batches for n in batch.row_numbers]


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("123.0", "123"),
        ("007.00", "007"),
        ("123.50", "123.50"),
        ("9007199254740993", "9007199254740993"),
        ("12345678901234567890123", "12345678901234567890123"),
    ],
)
def test_ids_that_are_numbers_are_exact_and_equal_in_csv_and_json(tmp_path: Path, written: str, taken: str) -> None:
    csv = csv_of(tmp_path, f"{written},i,see,2024-05-01,,,", "u,i,see,2024-05-01,,,")
    (tmp_path / "log.jsonl").write_text(f'{{"user": {written.lstrip("0")}, "item": "i", "kind": "see", "at": "2024-05-01"}}\n')
    first = judged(csv)[1]
    assert isinstance(first, dict) and first["user_id"] == taken
    first = judged(tmp_path / "log.jsonl")[1]
    assert isinstance(first, dict) and first["user_id"] == taken.lstrip("0")


@pytest.mark.parametrize(
    ("column", "taken"),
    [
        (pa.array([123.0, None], pa.float64()), "123"),
        (pa.array([2**53, 1], pa.float64()), "user_id_inexact"),
        (pa.array([2**24, 1], pa.float32()), "user_id_inexact"),
        (pa.array([2**64 - 1, 1], pa.uint64()), "18446744073709551615"),
        (pa.array(["123.00", "1.50"]).cast(pa.decimal128(30, 2)), "123"),
        (pa.array([b"caf\xe9", b"x"]), "encoding_invalid"),
        (pa.array([b"caf\xc3\xa9", b"x"]), "café"),
        (pa.array(["123.0", "x"]).dictionary_encode(), "123"),
    ],
)
def test_ids_of_parquet_are_exact_or_refused_by_name(tmp_path: Path, column: pa.Array, taken: str) -> None:
    table = pa.table({"user": column, "item": ["i"] * 2, "kind": ["see"] * 2, "at": [datetime(2024, 5, 1)] * 2})
    pq.write_table(table, tmp_path / "log.parquet")
    first = judged(tmp_path / "log.parquet")[1]
    assert (first if isinstance(first, str) else first["user_id"]) == taken


def test_text_in_parquet_that_is_no_utf8_spoils_its_row_alone(tmp_path: Path) -> None:
    bad = pa.StringArray.from_buffers(2, pa.array([0, 2, 3], pa.int32()).buffers()[1], pa.py_buffer(b"a\xe9b"))
    pq.write_table(
        pa.table({"user": bad, "item": ["i"] * 2, "kind": ["see"] * 2, "at": ["2024-05-01"] * 2}), tmp_path / "x.parquet"
    )
    found = judged(tmp_path / "x.parquet")
    assert found[1] == "encoding_invalid"
    assert isinstance(found[2], dict) and found[2]["user_id"] == "b"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*TIMES, "2024-05-01 10:00 +0200", "2024-05-01t10:00z", "99999-01-01", "2024-12-31T23:59:60"]),
        min_size=1,
    )
)
def test_a_time_is_read_the_same_alone_and_beside_others(times: list[str]) -> None:
    log = EventLog(MAPPING, "boutique", NOW)
    rows = pa.table({"user": ["u"] * len(times), "item": ["i"] * len(times), "kind": ["see"] * len(times), "at": times})
    together = log.convert(rows)
    alone = [log.convert(rows.slice(number, 1)) for number in range(len(times))]
    assert together.lines["at"].to_pylist() == [at for one in alone for at in one.lines["at"].to_pylist()]
    assert together.reasons.to_pylist() == [reason for one in alone for reason in one.reasons.to_pylist()]
