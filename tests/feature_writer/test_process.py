"""The feature writer as it runs: killed, its Redis killed, and what is in Redis afterwards."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from kafka import KafkaProducer

from recommndr import topics
from recommndr.dead_letter import DeadLetter
from recommndr.settings import Settings
from recommndr_feature_repo import FEATURE_SERVICE, SHOPPER_KEY, open_store
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.feature_writer.shoppers import value
from tests.patience import PATIENCE_S, eventually, quickest
from tests.servers import RunningKafka, RunningRedis
from tests.topic_records import topic_records

WRITTEN, REWINDS = 'recommndr_feature_writer_records_total{outcome="written"}', "recommndr_feature_writer_rewinds_total"
pytestmark = pytest.mark.integration


@dataclass
class Installation:
    kafka: RunningKafka
    redis: RunningRedis
    settings: Settings
    writer: Child

    def __post_init__(self) -> None:
        self.producer = KafkaProducer(bootstrap_servers=self.kafka.bootstrap, enable_idempotence=False)
        self.store = open_store(self.settings)

    def send(self, counts: Mapping[str, int]) -> None:
        for user_id, n_events in counts.items():
            self.send_bytes(user_id, value(n_events, user_id) if n_events else None)
        self.producer.flush(10)

    def send_bytes(self, user_id: str, stored: bytes | None) -> None:
        self.producer.send(topics.USER_FEATURES.name, stored, key=f"grocer|{user_id}".encode())

    def stored(self, users: list[str]) -> dict[str, int | None]:
        rows = [{SHOPPER_KEY: f"grocer|{user}"} for user in users]
        columns = self.store.get_online_features(FEATURE_SERVICE, rows).to_dict()
        return dict(zip(users, columns["n_events"], strict=True))

    def becomes(self, expected: Mapping[str, int | None]) -> None:
        users = list(expected)
        self.writer.wait_until(lambda: self.answers() and self.stored(users) == dict(expected), PATIENCE_S)

    def answers(self) -> bool:
        try:
            self.stored(["nobody"])
        except OSError:
            return False
        return True

    def metric(self, name: str) -> float:
        text = httpx.get(f"http://127.0.0.1:{self.settings.feature_writer_port}/metrics", timeout=PATIENCE_S).text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@pytest.fixture(scope="module")
def installation(
    new_kafka: Callable[[], RunningKafka],
    new_redis: Callable[[], RunningRedis],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("feature_writer")
    kafka, online_store = new_kafka(), new_redis()
    ensure_topics(kafka.access)
    settings = Settings(
        state_dir=folder, kafka_bootstrap=kafka.bootstrap, redis_url=online_store.url, feature_writer_port=free_port()
    )
    environment = os.environ | {
        "RECOMMNDR_STATE_DIR": str(folder),
        "RECOMMNDR_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "RECOMMNDR_REDIS_URL": online_store.url,
        "RECOMMNDR_FEATURE_WRITER_PORT": str(settings.feature_writer_port),
    }
    command = [sys.executable, "-c", "from recommndr_feature_writer.main import main; main()"]
    writer = Child("feature-writer", command, folder / "writer.log", environment)
    writer.start()
    installation = Installation(kafka, online_store, settings, writer)
    yield installation
    installation.producer.close()
    writer.stop()


def test_rows_arrive_and_newer_ones_replace_them(installation: Installation) -> None:
    users = {f"u{n}": 1 + n % 5 for n in range(200)}
    installation.send(users)
    installation.becomes(users)
    installation.send({"u0": 9, "u1": 0})
    installation.becomes({"u0": 9, "u1": None, "u2": 3})


def test_poison_becomes_a_dead_letter_and_rows_behind_it_arrive(installation: Installation) -> None:
    installation.send_bytes("poison", b"garbage")
    installation.send({"behind": 2})
    installation.becomes({"behind": 2, "poison": None})

    def found() -> list[Any]:
        return topic_records(installation.kafka.access, topics.DEAD_LETTER)

    # The row behind it may lie in another partition and arrive first.
    eventually(lambda: len(found()) > 0, "the dead letter is written")
    (record,) = found()
    letter = DeadLetter.from_bytes(record.value)
    assert (letter.key, letter.value, letter.topic) == (b"grocer|poison", b"garbage", topics.USER_FEATURES.name)
    assert record.key == letter.record_key()


def test_a_killed_writer_goes_on_where_it_was(installation: Installation) -> None:
    expected: dict[str, int | None] = {}
    for round_number in range(4):
        users = {f"k{n}": 1 + round_number for n in range(round_number, 300)}
        installation.send(users)
        expected |= users
        if round_number < 3:
            time.sleep(0.05 * round_number)  # die at different places
            os.kill(installation.writer.pid, signal.SIGKILL)
            installation.writer.kill()
            installation.writer.start()
    installation.becomes(expected)


def test_a_killed_redis_ends_with_the_same_rows(installation: Installation) -> None:
    before: dict[str, int | None] = {f"r{n}": 2 for n in range(100)}
    installation.send({user: 2 for user in before})
    installation.becomes(before)
    written, rewinds = installation.metric(WRITTEN), installation.metric(REWINDS)
    installation.redis.child.kill()
    installation.send({"while-down": 1})
    time.sleep(1)
    installation.redis.start()
    installation.becomes(before | {"while-down": 1})
    # Nothing was lost, so nothing is read again: the topic has more than a hundred rows.
    eventually(lambda: installation.metric(WRITTEN) > written, "the row is counted")
    assert installation.metric(WRITTEN) == written + 1
    assert installation.metric(REWINDS) == rewinds


def test_a_flushed_redis_is_filled_again_from_the_topic(installation: Installation) -> None:
    before: dict[str, int | None] = {f"f{n}": 3 for n in range(100)}
    installation.send({user: 3 for user in before})
    installation.becomes(before)
    with redis.Redis.from_url(installation.redis.url) as client:
        client.flushall()
    installation.becomes(before)


def test_a_wiped_redis_is_filled_again_from_the_topic(installation: Installation) -> None:
    before: dict[str, int | None] = {f"w{n}": 3 for n in range(100)}
    installation.send({user: 3 for user in before})
    installation.becomes(before)
    installation.redis.child.kill()
    for file in installation.redis.server.folder.rglob("*.aof*"):
        file.unlink()
    installation.redis.start()
    installation.becomes(before)
    assert installation.metric("recommndr_feature_writer_rewinds_total") >= topics.PARTITIONS


def test_at_a_low_rate_a_row_is_there_within_a_tenth_of_a_second(installation: Installation) -> None:
    installation.becomes({"w0": 3})
    counts = count(1)

    def from_topic_to_row_s() -> float:
        time.sleep(0.1)  # the rate is low
        n, sent_s = next(counts), time.monotonic()
        installation.send({"quick": n})
        eventually(lambda: installation.stored(["quick"])["quick"] == n, "the row is there", every_s=0.002)
        return time.monotonic() - sent_s

    quickest(from_topic_to_row_s, within_s=0.1)


def test_it_says_that_it_is_ready_and_answers_probes(installation: Installation) -> None:
    assert "ready: feature-writer" in installation.writer.log_file.read_text()
    port = installation.settings.feature_writer_port
    assert httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=PATIENCE_S).status_code == 200
    assert installation.metric("recommndr_feature_writer_topic_to_store_seconds_count") > 0
