"""`recommndr erase --report` searches the lake and every topic, and says what is left and until when."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaProducer
from typer.testing import CliRunner

from recommndr.dead_letter import DeadLetter
from recommndr.features import guests
from recommndr.features.guests import Guest
from recommndr.identity import entity_key
from recommndr.settings import Settings
from recommndr.topics import DEAD_LETTER, EVENTS, GUESTS, SEEDS, SERVED, USER_FEATURES, seed_key
from recommndr_feature_repo import shopper_redis_key
from recommndr_native.topics import ensure_topics
from recommndr_training.cli import app
from recommndr_training.commands import erase
from recommndr_training.live.online_traces import PLACE, entity_in, in_redis
from recommndr_training.live.shopper_traces import in_kafka, in_lake
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.test_erasure import erase_bytes, written
from tests.lake_writer.topic import event_bytes
from tests.servers import RunningKafka, RunningRedis

WEEK = timedelta(days=7)


def test_the_lake_says_how_many_rows_it_has_and_when_replaced_files_go(tmp_path: Path) -> None:
    written(tmp_path, [event_bytes(1, user_id="u1"), event_bytes(2, user_id="u2"), erase_bytes("u1")])
    lake, _, pending = in_lake(tmp_path, "grocer", "u1", WEEK, WEEK)
    assert (lake.n_found, lake.until, pending.place, pending.until) == (2, None, "erasure", None)
    keeper = upkeep(tmp_path)
    keeper.erase()
    lake, _, replaced = in_lake(tmp_path, "grocer", "u1", WEEK, WEEK)
    assert (lake.n_found, replaced.n_found, replaced.until) == (0, 2, keeper.now() + WEEK)
    other, _ = in_lake(tmp_path, "grocer", "u2", WEEK, WEEK)
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


FEAST_KEYS = st.tuples(st.sampled_from(["grocer", "books"]), st.text("aäu1|*[\\", min_size=1, max_size=6))


@given(FEAST_KEYS)
def test_whom_a_key_of_feast_is_about_is_read_from_its_bytes(owner: tuple[str, str]) -> None:
    found = entity_in(shopper_redis_key("|".join(owner)), b"grocer|")
    assert found == (entity_key(*owner) if owner[0] == "grocer" else b"")
    assert entity_in(shopper_redis_key("books|grocer|u1"), b"grocer|") == b""


@pytest.mark.integration
def test_a_left_over_in_the_online_store_is_found_whatever_it_is_and_nobody_elses(
    new_redis: Callable[[], RunningRedis],
) -> None:
    with redis.Redis.from_url(new_redis().url) as client:
        others = [shopper_redis_key(one) for one in ("grocer|u10", "books|u1", "grocer|1", "grocer|*")]
        for key in others:
            client.hset(key, mapping={b"field": b"value"})
        client.set("feature-writer:position:recommndr.features.user.v1:0", "topic:4")
        clean = in_redis(client, "grocer", ["u1", "[x]"])
        assert [(one.n_found, one.until) for one in clean.values()] == [(0, None), (0, None)]
        # A field of a group that no code knows any more stays when the feature writer deletes the groups that it knows.
        client.hset(shopper_redis_key("grocer|u1"), mapping={b"of an old group": b"1", b"_ts:old": b"2"})
        client.set("cache:grocer|u1", "something")
        client.hset(shopper_redis_key("grocer|[x]"), mapping={b"field": b"1"})
        found = in_redis(client, "grocer", ["u1", "[x]"])
    assert {user_id: one.n_found for user_id, one in found.items()} == {"u1": 3, "[x]": 1}
    assert found["u1"].note.startswith("2 keys; ")


@pytest.mark.integration
def test_the_report_says_that_something_stays_while_the_online_store_has_the_shopper_or_a_guest(
    new_kafka: Callable[[], RunningKafka],
    new_redis: Callable[[], RunningRedis],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kafka, online = new_kafka(), new_redis()
    ensure_topics(kafka.access)
    named = settings_with(tmp_path, kafka, online)
    monkeypatch.setattr(erase, "settings", lambda: named)
    of_guests = guests.to_bytes((Guest(1.0, "g1"),))
    with KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False) as producer:
        producer.send(GUESTS.name, of_guests, key=b"grocer|u1")
        producer.send(GUESTS.name, None, key=b"grocer|u1")
        producer.flush()
    assert reported()["stays"] is False
    with redis.Redis.from_url(online.url) as client:
        for shopper in ("u1", "g1"):
            client.hset(shopper_redis_key(f"grocer|{shopper}"), mapping={b"field": b"value"})
            report = reported()
            assert report["stays"] is True
            found = {one["place"] for one in report["places"] if one["n_found"] and one["until"] is None}
            assert found == {PLACE if shopper == "u1" else f"{PLACE}, guest 'g1'"}
            client.delete(shopper_redis_key(f"grocer|{shopper}"))
    assert reported()["stays"] is False


def settings_with(folder: Path, kafka: RunningKafka, online: RunningRedis) -> Settings:
    return Settings(state_dir=folder, lake_dir=folder / "lake", kafka_bootstrap=kafka.bootstrap, redis_url=online.url)


def reported() -> Any:
    told = CliRunner().invoke(app, ["erase", "--tenant", "grocer", "u1", "--report"])
    assert told.exit_code == 0, told.output
    return json.loads(told.output)


def test_without_ids_the_command_says_what_to_name(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["erase", "--tenant", "grocer"])
    assert told.exit_code != 0
    assert "--ids-file" in told.output
