"""`recommndr served`: what was served as a table, with the ranker inputs bit by bit."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner, Result

from recommndr.identity import TenantId
from recommndr.topics import SERVED
from recommndr_native.topics import ensure_topics
from recommndr_training.cli import app
from recommndr_training.live.served_table import FACTS, batches
from recommndr_training.live.served_topic import ServedAnswers
from tests.recommndr.served_answers import floats
from tests.servers import RunningKafka
from tests.training.served_records import Record, answer, record

GROCER = TenantId("grocer")
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
T0 = SINCE.timestamp()


def table(*records: Record) -> pa.Table:
    return pa.concat_tables(batches(ServedAnswers.of(records, GROCER, SINCE)))


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
    assert "no answers of tenant 'grocer' of the last 1h" in nothing.stderr
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


def test_what_cannot_be_done_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for words, said in (
        (("--format", "parquet"), "name the file to write"),
        (("--last", "soon"), "--last 'soon': expected seconds"),
        ((), "error:"),  # no broker there
    ):
        found = run("127.0.0.1:9", monkeypatch, *words)
        assert found.exit_code == 1
        assert said in found.stderr
