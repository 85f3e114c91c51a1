"""A disk that takes no more: the real lake writer and the real collector with a real broker, and what is there afterwards.

A limit on the size of a file makes every larger write fail as a full disk does, for one process, without a file system of its
own; it is lifted while the process runs.
"""

import os
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml
from deltalake import DeltaTable
from kafka import KafkaProducer

from recommndr import topics
from recommndr.events import decode
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_lake_writer.lake import events_dir
from recommndr_monitoring.kafka_offsets import KafkaOffsets
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.collector.processes import collector_process
from tests.collector.shop import KEY, TENANTS, bearer
from tests.collector.test_event_log import read_back
from tests.lake_writer.topic import event_bytes
from tests.patience import PATIENCE_S, eventually
from tests.servers import RunningKafka

pytestmark = pytest.mark.integration


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def places(lake: Path) -> Counter[tuple[int, int, int]]:
    if not DeltaTable.is_deltatable(str(events_dir(lake))):
        return Counter()
    rows = DeltaTable(events_dir(lake)).to_pyarrow_table(columns=["partition", "offset", "line_no"]).to_pylist()
    return Counter((row["partition"], row["offset"], row["line_no"]) for row in rows)


def sample(url: str, name: str) -> float:
    text = httpx.get(f"{url}/metrics", timeout=PATIENCE_S).text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


def test_the_lake_writer_keeps_trying_and_loses_nothing(new_kafka: Callable[[], RunningKafka], tmp_path: Path) -> None:
    (tmp_path / "tenants.yaml").write_text(yaml.safe_dump(Tenants(tenants={"grocer": TenantPolicy()}).model_dump(mode="json")))
    kafka, port, lake = new_kafka(), free_port(), tmp_path / "lake"
    ensure_topics(kafka.access)
    environment = os.environ | {
        "RECOMMNDR_STATE_DIR": str(tmp_path),
        "RECOMMNDR_LAKE_DIR": str(lake),
        "RECOMMNDR_TENANTS_FILE": str(tmp_path / "tenants.yaml"),
        "RECOMMNDR_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "RECOMMNDR_LAKE_WRITER_PORT": str(port),
    }
    # Its own log goes to /dev/null, because the limit is on all its files.
    command = ["/bin/sh", "-c", 'exec "$0" -c "from recommndr_lake_writer.main import main; main()" >/dev/null 2>&1']
    writer = Child("lake-writer", [*command, sys.executable], tmp_path / "writer.log", environment)
    writer.start()
    url, source = f"http://127.0.0.1:{port}", KafkaOffsets(kafka.access, [topics.EVENTS])
    with KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False) as producer:

        def send(first: int, last: int) -> None:
            for n in range(first, last + 1):
                producer.send(topics.EVENTS.name, event_bytes(n), partition=n % 8)
            producer.flush(10)

        send(1, 40)
        writer.wait_until(lambda: len(places(lake)) == 2 * 40, PATIENCE_S)
        with full_disk(writer.pid):
            send(41, 80)
            failures = 'recommndr_lake_writer_commit_failures_total{table="events"}'
            writer.wait_until(lambda: sample(url, failures) >= 2, PATIENCE_S)
            assert len(places(lake)) == 2 * 40
            lag = {one.labels: one.value for one in source.samples() if one.family == "recommndr_kafka_group_lag_records"}
            assert lag == {(topics.LAKE_WRITER_GROUP, topics.EVENTS.name): 40}
            assert httpx.get(f"{url}/health/live", timeout=PATIENCE_S).status_code == 200
        writer.wait_until(lambda: len(places(lake)) == 2 * 80, PATIENCE_S)
    assert set(places(lake).values()) == {1}
    source.close()
    writer.stop()


def stated(n: int) -> dict[str, Any]:
    event = {"event_id": str(UUID(int=n)), "kind": "view", "user_id": "full", "lines": [{"item_id": "i"}]}
    return event | {"occurred_at": "2026-03-01T12:00:00Z"}


def test_a_broker_without_space_means_503_and_everything_acknowledged_is_there_when_it_has_space_again(
    new_kafka: Callable[[], RunningKafka], tmp_path: Path
) -> None:
    kafka, port = new_kafka(), free_port()
    ensure_topics(kafka.access)
    collector = collector_process(tmp_path, kafka.bootstrap, port, TENANTS)
    collector.start()
    acknowledged: set[int] = set()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=bearer(KEY), timeout=PATIENCE_S) as client:

        def post(n: int) -> httpx.Response | None:
            try:
                answer = client.post("/events", json=stated(n))
            except httpx.TransportError:
                return None  # it is starting
            if answer.status_code == 202:
                acknowledged.add(n)
            return answer

        def accepts(n: int) -> bool:
            answer = post(n)
            return answer is not None and answer.status_code == 202

        collector.wait_until(lambda: accepts(1), PATIENCE_S)
        for n in range(2, 30):
            post(n)
        with full_disk(kafka.child.pid):
            refused = post(100)
            assert refused is not None
            assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
            assert client.get("/health/live").status_code == 200
        kafka.child.kill()  # a broker whose only disk failed stops; the supervisor starts it again
        kafka.start()
        eventually(lambda: accepts(100), "the event that got 503 is accepted when it is sent again")
        eventually(lambda: accepts(101), "events are accepted again")
    written = Counter(decode(value).event_id.int for value, _ in read_back(kafka.access, b"grocer|full") if value is not None)
    assert written.keys() >= acknowledged
    assert len(acknowledged) >= 31
    collector.stop()
