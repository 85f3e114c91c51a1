"""`recommndr erase --report` searches the lake and every topic, and says what is left and until when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from recommndr.dead_letter import DeadLetter
from recommndr.topics import DEAD_LETTER, EVENTS, SEEDS, SERVED, USER_FEATURES, seed_key
from recommndr_native.topics import ensure_topics
from recommndr_training.cli import app
from recommndr_training.live.shopper_traces import in_kafka, in_lake
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.test_erasure import erase_bytes, written
from tests.lake_writer.topic import event_bytes
from tests.servers import RunningKafka

WEEK = timedelta(days=7)


def test_the_lake_says_how_many_rows_it_has_and_when_replaced_files_go(tmp_path: Path) -> None:
    written(tmp_path, [event_bytes(1, user_id="u1"), event_bytes(2, user_id="u2"), erase_bytes("u1")])
    lake, pending = in_lake(tmp_path, "grocer", "u1", WEEK)
    assert (lake.n_found, lake.until, pending.place, pending.until) == (2, None, "erasure", None)
    keeper = upkeep(tmp_path)
    keeper.erase()
    lake, replaced = in_lake(tmp_path, "grocer", "u1", WEEK)
    assert (lake.n_found, replaced.n_found, replaced.until) == (0, 2, keeper.now() + WEEK)
    (other,) = in_lake(tmp_path, "grocer", "u2", WEEK)
    assert other.n_found == 2


@pytest.mark.integration
def test_topics_say_what_they_have_and_that_the_newest_value_is_gone(new_kafka: Callable[[], RunningKafka]) -> None:
    kafka, key, now = new_kafka(), b"grocer|u1", datetime.now(UTC)
    ensure_topics(kafka.access)
    with KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False) as producer:
        for topic, at, value in (
            (EVENTS, key, event_bytes(1, user_id="u1")),
            (USER_FEATURES, key, b"state"),
            (SEEDS, seed_key("grocer", "user", 1, "u1"), b"seed"),
            (SERVED, key, b"served"),
            (DEAD_LETTER, b"t:0:1", DeadLetter("odd", EVENTS.name, 0, 1, key, b"{", now).to_bytes()),
            (SERVED, b"grocer|u2", b"another's"),
        ):
            producer.send(topic.name, value, key=at)
        producer.flush()
        found = {trace.place: trace for trace in in_kafka(kafka.access, "grocer", ["u1", "u2"])["u1"]}
        assert {place: trace.n_found for place, trace in found.items() if trace.n_found} == {
            topic.name: 1 for topic in (EVENTS, USER_FEATURES, SEEDS, SERVED, DEAD_LETTER)
        }
        assert found[USER_FEATURES.name].until is None
        assert found[EVENTS.name].until is not None
        assert timedelta(hours=71) < found[EVENTS.name].until - now < timedelta(hours=73)
        producer.send(USER_FEATURES.name, None, key=key)
        producer.flush()
    found = {trace.place: trace for trace in in_kafka(kafka.access, "grocer", ["u1", "u2"])["u1"]}
    assert found[USER_FEATURES.name].until is not None


def test_without_ids_the_command_says_what_to_name(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["erase", "--tenant", "grocer"])
    assert told.exit_code != 0
    assert "--ids-file" in told.output
