"""The lake writer as it runs: killed again and again, and what is in the lake afterwards."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import yaml
from deltalake import DeltaTable
from kafka import KafkaProducer

from recommndr import topics
from recommndr.dead_letter import DeadLetter
from recommndr.events import encode, erasure
from recommndr.seed import SHOPPER_GROUPS
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_lake_writer.lake import events_dir, read_events
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.lake_writer.answers import answer, stored
from tests.lake_writer.topic import NOW, event_bytes
from tests.patience import PATIENCE_S
from tests.servers import RunningKafka
from tests.topic_records import topic_records

pytestmark = pytest.mark.integration


@dataclass
class Installation:
    kafka: RunningKafka
    lake: Path
    port: int
    producer: KafkaProducer
    writer: Child

    def send(self, values: list[bytes]) -> None:
        for n, value in enumerate(values):
            self.producer.send(topics.EVENTS.name, value, key=f"grocer|u{n % 7}".encode())
        self.producer.flush(10)

    def n_events(self) -> int:
        return len(set(read_events(self.lake, "grocer")["event_id"].to_pylist()))


@pytest.fixture(scope="module")
def installation(new_kafka: Callable[[], RunningKafka], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("lake_writer")
    (folder / "tenants.yaml").write_text(yaml.safe_dump(Tenants(tenants={"grocer": TenantPolicy()}).model_dump(mode="json")))
    kafka, port = new_kafka(), free_port()
    ensure_topics(kafka.access)
    environment = os.environ | {
        "RECOMMNDR_STATE_DIR": str(folder),
        "RECOMMNDR_LAKE_DIR": str(folder / "lake"),
        "RECOMMNDR_TENANTS_FILE": str(folder / "tenants.yaml"),
        "RECOMMNDR_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "RECOMMNDR_LAKE_WRITER_PORT": str(port),
    }
    command = [sys.executable, "-c", "from recommndr_lake_writer.main import main; main()"]
    writer = Child("lake-writer", command, folder / "writer.log", environment)
    writer.start()
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False)
    yield Installation(kafka, folder / "lake", port, producer, writer)
    producer.close()
    writer.stop()


def test_killed_at_any_moment_it_ends_with_every_record_in_the_lake_exactly_once(installation: Installation) -> None:
    n = 0
    for life_s in (0.0, 1.5, 2.6, 3.4):
        installation.send([event_bytes(n + k) for k in range(1, 301)])
        n += 300
        time.sleep(life_s)
        os.kill(installation.writer.pid, signal.SIGKILL)
        installation.writer.kill()
        installation.writer.start()
    installation.writer.wait_until(lambda: installation.n_events() == n, PATIENCE_S)
    stored = DeltaTable(events_dir(installation.lake)).to_pyarrow_table()
    places = Counter(
        zip(stored["partition"].to_pylist(), stored["offset"].to_pylist(), stored["line_no"].to_pylist(), strict=True)
    )
    assert len(places) == 2 * n
    assert set(places.values()) == {1}


def test_repeats_count_once_and_poison_becomes_a_dead_letter(installation: Installation) -> None:
    before = installation.n_events()
    installation.send([event_bytes(5000), b"garbage", event_bytes(5000), event_bytes(5001)])
    installation.writer.wait_until(lambda: installation.n_events() == before + 2, PATIENCE_S)
    assert read_events(installation.lake, "grocer").num_rows == 2 * (before + 2)
    letters = [DeadLetter.from_bytes(one.value) for one in topic_records(installation.kafka.access, topics.DEAD_LETTER)]
    assert [(letter.value, letter.topic) for letter in letters] == [(b"garbage", topics.EVENTS.name)]


def test_it_commits_what_it_has_when_asked_to_stop(installation: Installation) -> None:
    # On a busy machine it may not have read the record yet, or have committed it already: then it is tried again.
    assert any(commits_by_stopping(installation, 6000 + n) for n in range(10))
    metrics = httpx.get(f"http://127.0.0.1:{installation.port}/metrics", timeout=PATIENCE_S).text
    assert "recommndr_lake_writer_rows_total" in metrics


def commits_by_stopping(installation: Installation, n: int) -> bool:
    before = installation.n_events()
    installation.send([event_bytes(n)])
    time.sleep(1.0)  # read, not yet due
    waited = installation.n_events() == before
    installation.writer.stop()
    committed = installation.n_events() == before + 1
    installation.writer.start()
    url = f"http://127.0.0.1:{installation.port}"
    installation.writer.wait_until(lambda: is_ready(url) and installation.n_events() == before + 1, PATIENCE_S)
    return waited and committed


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


def test_an_erased_shopper_leaves_the_lake_and_its_seeds_are_tombstones(installation: Installation) -> None:
    def n_rows() -> int:
        return sum(user_id == "to-forget" for user_id in read_events(installation.lake, "grocer")["user_id"].to_pylist())

    def send(value: bytes) -> None:
        installation.producer.send(topics.EVENTS.name, value, key=b"grocer|to-forget")

    send(event_bytes(7_000, user_id="to-forget"))
    installation.writer.wait_until(lambda: n_rows() == 2, PATIENCE_S)
    send(encode(erasure("grocer", "to-forget", UUID(int=7_001), NOW + timedelta(days=2))))
    installation.writer.wait_until(lambda: n_rows() == 0, PATIENCE_S)
    tombstones = {one.key for one in topic_records(installation.kafka.access, topics.SEEDS) if one.value is None}
    places = product(SHOPPER_GROUPS, topics.SEED_SIDES)
    assert tombstones == {topics.seed_key("grocer", group, side, "to-forget") for group, side in places}


def test_answers_come_into_the_lake_beside_the_events(installation: Installation) -> None:
    made = answer(1, columns=("price", "age"), retrievers=("als",))
    installation.producer.send(topics.SERVED.name, made.to_bytes(), key=b"grocer|u1")
    installation.producer.flush(10)
    for _ in range(10):  # it commits what it has read when it stops; on a busy machine it may have read nothing yet
        installation.writer.stop()
        found = stored(installation.lake)
        installation.writer.start()
        installation.writer.wait_until(lambda: is_ready(f"http://127.0.0.1:{installation.port}"), PATIENCE_S)
        if found:
            break
        time.sleep(2.0)
    assert [(key, one.request_id, one.columns) for key, one in found] == [("grocer|u1", "r1", ("price", "age"))]
