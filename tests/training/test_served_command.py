"""`recommndr served`: what was served as a table, with the ranker inputs bit by bit."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner, Result

from recommndr.attribution import Attribution, sign, user_hash
from recommndr.events import CLIENT_EVENT, stamp
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr.topics import SERVED
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import rows_of, table_of
from recommndr_native.topics import ensure_topics
from recommndr_training.cli import app
from recommndr_training.live.served_table import FACTS, batches, schema_of
from recommndr_training.live.served_topic import ServedAnswers
from tests.lake_writer.answers import written
from tests.recommndr.served_answers import floats
from tests.servers import RunningKafka
from tests.training.served_records import Record, answer, record

GROCER = TenantId("grocer")
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
T0 = SINCE.timestamp()


def table(*records: Record) -> pa.Table:
    found = ServedAnswers.of(records, GROCER, SINCE)
    return pa.concat_tables(batches(found, schema_of(found.columns)))


def test_a_row_is_a_place_and_the_drawn_candidate_has_one_more() -> None:
    rows = table(record(answer("r1", T0, ["a", "b"]), "u|7")).to_pylist()
    assert [(row["item_id"], row["rank"], row["drawn"]) for row in rows] == [
        ("i1", 1, False),
        ("i2", 2, False),
        ("i9", None, True),
    ]
    assert {(row["user_id"], row["request_id"], row["at"], row["n_candidates"]) for row in rows} == {("u|7", "r1", SINCE, 40)}
    assert rows[1]["sources"] == ["als", "buy_again"]


def test_a_drawn_candidate_of_the_list_has_its_place() -> None:
    rows = table(record(answer("r1", T0, ["a", "b"], drawn_item_id="i2"))).to_pylist()
    assert [(row["rank"], row["drawn"], row["a"] is None) for row in rows] == [(1, False, True), (2, True, False)]


def test_ranker_inputs_are_those_logged_bit_by_bit_and_null_where_none_were() -> None:
    inputs = floats([np.nextafter(np.float32(0.1), np.float32(1)), np.nan])
    shown = floats([[1.5, -0.0], [np.inf, 2.0]])
    found = table(record(answer("r1", T0, ["a", "b"], drawn_inputs=inputs)), record(answer("r2", T0 + 1, shown_inputs=shown)))
    by_row = np.array([[column.as_py() for column in row] for row in zip(found["a"], found["b"], strict=True)], object)
    assert by_row[:2].tolist() == [[None, None], [None, None]]
    assert floats([by_row[2, 0], by_row[2, 1]]).tobytes() == inputs.tobytes()
    assert floats(by_row[3:5].tolist()).tobytes() == shown.tobytes()


def test_answers_are_oldest_first_of_one_tenant_since_the_instant() -> None:
    records = [
        record(answer("late", T0 + 9, ["a", "b"])),
        record(answer("another's", T0 + 1), tenant="books"),
        record(answer("too old", T0 - 1)),
        record(answer("early", T0)),
        Record(b"grocer|u1", b'{"schema_version":1}'),
    ]
    found = ServedAnswers.of(records, GROCER, SINCE)
    assert [one.answer.request_id for one in found.served] == ["early", "late"]
    assert found.n_unreadable == 1


def test_names_of_a_bundles_columns_may_come_with_any_of_its_records() -> None:
    records = [
        record(answer("r1", T0, model_version="v1")),
        record(answer("r2", T0 + 1, ["b", "c"], model_version="v2")),
        record(answer("r3", T0 - 9, ["a", "b"], model_version="v1")),
        record(answer("r4", T0 + 2, model_version="nobody says")),
    ]
    found = table(*records)
    assert found.schema.names == [*FACTS.names, "b", "c", "a"]
    drawn = [(row["a"] is None, row["b"] is None, row["c"] is None) for row in found.to_pylist() if row["drawn"]]
    assert drawn == [(False, False, True), (True, False, False), (True, True, True)]


def run(kafka: str, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("RECOMMNDR_KAFKA_BOOTSTRAP", kafka)
    return CliRunner().invoke(app, ["served", "--tenant", "grocer", *words])


@pytest.mark.integration
def test_the_command_reads_the_topic(
    new_kafka: Callable[[], RunningKafka], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka, now_s = new_kafka(), datetime.now(UTC).timestamp()
    ensure_topics(kafka.access)
    nothing = run(kafka.bootstrap, monkeypatch)
    assert nothing.exit_code == 1
    assert "the topic has no answers of tenant 'grocer' of the last 1h" in nothing.stderr
    with KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False) as producer:
        for n, age_s in enumerate((7_200, 60, 5)):
            one = record(answer(f"r{n}", now_s - age_s, ["a", "b"]), f"u{n}")
            producer.send(SERVED.name, one.value, key=one.key, timestamp_ms=int(1e3 * (now_s - age_s)))
        producer.send(SERVED.name, b"garbage", key=b"grocer|u1")
        producer.flush()
    file = tmp_path / "served.parquet"
    written = run(kafka.bootstrap, monkeypatch, "--format", "parquet", "--out", str(file))
    assert written.exit_code == 0, written.output
    assert "1 records could not be read" in written.stderr
    found = pq.read_table(file)
    assert found.filter(found["drawn"])["request_id"].to_pylist() == ["r1", "r2"]
    assert found.schema.names[-2:] == ["a", "b"]
    csv = run(kafka.bootstrap, monkeypatch, "--format", "csv", "--last", "3h")
    assert pa_csv.read_csv(io.BytesIO(csv.stdout_bytes)).num_rows == 9
    shown = run(kafka.bootstrap, monkeypatch, "--rows", "4")
    assert shown.stdout.count("i9") == 2
    assert "4 rows of the newest of 2 answers" in shown.stdout


def test_the_lake_has_what_the_topic_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(days=9), timedelta(days=2), timedelta(minutes=5)]
    served = [answer(f"r{n}", (now - age).timestamp(), ["a", "b"], country="DE", n_events=n) for n, age in enumerate(ages)]
    written(tmp_path, [(f"grocer|u{n}", one) for n, one in enumerate(served)])
    monkeypatch.setenv("RECOMMNDR_LAKE_DIR", str(tmp_path))
    file = tmp_path / "served.parquet"
    done = run("127.0.0.1:9", monkeypatch, "--source", "lake", "--last", "8d", "--format", "parquet", "--out", str(file))
    assert done.exit_code == 0, done.output
    expected = table(*(record(one, f"u{n}") for n, one in enumerate(served) if n))
    found = pq.read_table(file)
    assert found.drop_columns(["at", "b"]).equals(expected.drop_columns(["at", "b"]))  # b is NaN, which equals nothing
    assert np.isnan([value for value in found["b"].to_pylist() if value is not None]).all()
    assert "2 answers" in done.stdout
    shown = run("127.0.0.1:9", monkeypatch, "--source", "lake", "--last", "30d", "--rows", "4")
    assert "4 rows of the newest of 3 answers" in shown.stdout
    nothing = run("127.0.0.1:9", monkeypatch, "--source", "lake", "--last", "1m")
    assert "the lake has no answers of tenant 'grocer' of the last 1m" in nothing.stderr


def test_what_shoppers_did_with_a_list_is_told_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime.now(UTC) - timedelta(hours=2)
    written(tmp_path, [("grocer|u1", answer("r1", at.timestamp(), ["a", "b"])), ("grocer|u1", answer("r2", at.timestamp()))])

    def did(number: int, kind: str, items: Sequence[str], request: str | None) -> None:
        given = (
            None
            if request is None
            else Attribution("grocer", user_hash("grocer", "u1"), request, "v1", "stable", "recommend", 1)
        )
        token = None if given is None else sign(given, "k1", b"k" * 32)
        lines = tuple({"item_id": item} for item in items)
        stated = {
            "event_id": UUID(int=number),
            "kind": kind,
            "user_id": "u1",
            "occurred_at": at,
            "lines": lines,
            "attribution": token,
        }
        made = stamp(CLIENT_EVENT.validate_python(stated), "grocer", at + timedelta(minutes=number))
        EventsTable(tmp_path).append(table_of(rows_of(made, TenantPolicy(), 0, number)), {})

    did(1, "impression", ["i1", "i2"], "r1")
    did(2, "click", ["i2"], "r1")
    did(3, "click", ["i1"], None)
    did(4, "add_to_cart", ["i1"], "another list")
    monkeypatch.setenv("RECOMMNDR_LAKE_DIR", str(tmp_path))
    file = tmp_path / "served.parquet"
    words = ("--last", "3h", "--acts", "--format", "parquet", "--out", str(file))
    done = run("127.0.0.1:9", monkeypatch, "--source", "lake", *words)
    assert done.exit_code == 0, done.output
    rows = [row for row in pq.read_table(file).to_pylist() if row["rank"]]
    marks = {(row["request_id"], row["item_id"]): (row["impression"], row["click"], row["add_to_cart"]) for row in rows}
    nothing = (False, False, False)
    assert marks == {
        ("r1", "i1"): (True, False, False), ("r1", "i2"): (True, True, False), ("r2", "i1"): nothing, ("r2", "i2"): nothing,
    }  # fmt: skip
    assert "--acts: events are in the lake" in run("127.0.0.1:9", monkeypatch, *words).stderr


def test_a_drawn_candidate_has_its_chance_and_a_place_has_none() -> None:
    rows = table(record(answer("r1", T0, ["a", "b"], drawn_item_id="i2")), record(answer("r2", T0 + 1, ["a", "b"]))).to_pylist()
    assert [row["propensity"] for row in rows] == [None, 1 / 40, None, None, 1 / 40]


def test_what_cannot_be_done_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for words, said in (
        (("--format", "parquet"), "name the file to write"),
        (("--last", "soon"), "--last 'soon': expected seconds"),
        ((), "error:"),  # no broker there
    ):
        found = run("127.0.0.1:9", monkeypatch, *words)
        assert found.exit_code == 1
        assert said in found.stderr
