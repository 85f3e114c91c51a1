"""Two real lake writers: they share the topic, one takes over from the other, and one that stood still writes nothing."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml
from deltalake import DeltaTable
from kafka import KafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from recommndr import topics
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_lake_writer.lake import events_dir
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.lake_writer.topic import event_bytes
from tests.patience import PATIENCE_S
from tests.servers import RunningKafka

pytestmark = pytest.mark.integration


@dataclass
class Pair:
    lake: Path
    producer: KafkaProducer
    writers: list[Child]
    ports: list[int]
    n_sent: int = 0

    def send(self, n: int) -> None:
        for number in range(self.n_sent + 1, self.n_sent + n + 1):
            self.producer.send(topics.EVENTS.name, event_bytes(number), partition=number % topics.EVENTS.partitions)
        self.producer.flush(10)
        self.n_sent += n

    def stored(self) -> Counter[tuple[int, int, int]]:
        if not DeltaTable.is_deltatable(str(events_dir(self.lake))):
            return Counter()
        rows = DeltaTable(events_dir(self.lake)).to_pyarrow_table(columns=["partition", "offset", "line_no"]).to_pylist()
        return Counter((row["partition"], row["offset"], row["line_no"]) for row in rows)

    def all_there(self) -> bool:
        return len(self.stored()) == 2 * self.n_sent

    def count(self, number: int, name: str) -> float:
        try:
            text = httpx.get(f"http://127.0.0.1:{self.ports[number]}/metrics", timeout=PATIENCE_S).text
        except httpx.ConnectError:
            return 0.0  # it is starting
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return sum(sample.value for sample in samples if sample.name == name)

    def rows(self, number: int) -> float:
        return self.count(number, "recommndr_lake_writer_rows_total")


@pytest.fixture
def pair(new_kafka: Callable[[], RunningKafka], tmp_path: Path) -> Iterator[Pair]:
    (tmp_path / "tenants.yaml").write_text(yaml.safe_dump(Tenants(tenants={"grocer": TenantPolicy()}).model_dump(mode="json")))
    kafka, ports = new_kafka(), [free_port(), free_port()]
    ensure_topics(kafka.access)
    command = [sys.executable, "-c", "from recommndr_lake_writer.main import main; main()"]
    writers = []
    for port in ports:
        environment = os.environ | {
            "RECOMMNDR_STATE_DIR": str(tmp_path),
            "RECOMMNDR_LAKE_DIR": str(tmp_path / "lake"),
            "RECOMMNDR_TENANTS_FILE": str(tmp_path / "tenants.yaml"),
            "RECOMMNDR_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "RECOMMNDR_LAKE_WRITER_PORT": str(port),
        }
        writers.append(Child("lake-writer", command, tmp_path / f"writer-{port}.log", environment))
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False)
    yield Pair(tmp_path / "lake", producer, writers, ports)
    producer.close()
    for writer in writers:
        writer.stop()


def test_two_share_the_topic_and_one_that_stood_still_while_the_other_took_over_doubles_nothing(pair: Pair) -> None:
    first, second = pair.writers
    first.start()
    pair.send(80)
    first.wait_until(pair.all_there, PATIENCE_S)
    second.start()

    def both_write() -> bool:
        pair.send(16)
        return pair.rows(1) > 0

    second.wait_until(both_write, PATIENCE_S)
    first.wait_until(pair.all_there, PATIENCE_S)
    pair.send(160)
    os.kill(first.pid, signal.SIGSTOP)  # it may hold a batch that it has read and not committed
    try:
        pair.send(160)
        second.wait_until(pair.all_there, 2 * PATIENCE_S)  # its session ends, and the other gets its partitions
    finally:
        os.kill(first.pid, signal.SIGCONT)

    def awake_again() -> bool:
        before = pair.rows(0)
        pair.send(16)
        first.wait_until(pair.all_there, PATIENCE_S)
        return pair.rows(0) > before

    first.wait_until(awake_again, 2 * PATIENCE_S)
    assert set(pair.stored().values()) == {1}
    assert pair.rows(0) + pair.rows(1) == 2 * pair.n_sent
