"""A real collector and broker: one shop sends ten times its quota, and another's answers and lag stand."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
from kafka import KafkaConsumer

from recommndr.identity import TenantId
from recommndr.topics import EVENTS, HEADER_EVENT_ID, HEADER_TENANT
from recommndr_collector.quota import BURST_S
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.collector.processes import collector_process
from tests.collector.shop import FOREIGN_KEY, KEY, TENANTS, bearer
from tests.patience import PATIENCE_S, eventually, quickest
from tests.servers import RunningKafka

pytestmark = pytest.mark.integration

PER_S = 40  # the noisy shop's quota; it sends ten times as much
SECONDS = 4
GROCER = TenantId("grocer")
STRICT = TENANTS.model_copy(
    update={"tenants": dict(TENANTS.tenants) | {GROCER: TENANTS.tenants[GROCER].model_copy(update={"max_events_per_s": PER_S})}}
)


def event() -> dict[str, Any]:
    stated = {"event_id": str(uuid4()), "kind": "view", "user_id": f"u{time.monotonic_ns() % 97}", "lines": [{"item_id": "i"}]}
    return stated | {"occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


@dataclass
class Reader:
    """What a consumer of the topic has read of each shop, and when."""

    kafka: RunningKafka
    read_at_s: dict[UUID, float] = field(default_factory=dict)
    n_of: Counter[str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with KafkaConsumer(EVENTS.name, bootstrap_servers=self.kafka.bootstrap, auto_offset_reset="earliest") as consumer:
            while not self.stop.is_set():
                for batch in consumer.poll(timeout_ms=100).values():
                    for record in batch:
                        headers = dict(record.headers)
                        self.read_at_s[UUID(headers[HEADER_EVENT_ID].decode())] = time.monotonic()
                        self.n_of[headers[HEADER_TENANT].decode()] += 1


@dataclass
class Neighbours:
    url: str
    reader: Reader

    async def noise(self, began_s: float, statuses: Counter[int]) -> None:
        """Ten times the quota, in lists, evenly."""
        async with httpx.AsyncClient(base_url=self.url, headers=bearer(KEY), timeout=PATIENCE_S) as client:
            for step in range(SECONDS * 4):
                await asyncio.sleep(max(0.0, began_s + step / 4 - time.monotonic()))
                answer = await client.post("/events", json=[event() for _ in range(10 * PER_S // 4)])
                statuses.update(result["status"] for result in answer.json()["results"])

    async def quiet(self, began_s: float) -> dict[UUID, tuple[float, float]]:
        """Twenty single events a second; per event when it was sent and answered."""
        sent: dict[UUID, tuple[float, float]] = {}
        async with httpx.AsyncClient(base_url=self.url, headers=bearer(FOREIGN_KEY), timeout=PATIENCE_S) as client:
            for step in range(SECONDS * 20):
                await asyncio.sleep(max(0.0, began_s + step / 20 - time.monotonic()))
                one, at_s = event(), time.monotonic()
                answer = await client.post("/events", json=one)
                assert answer.status_code == 202, answer.text
                sent[UUID(one["event_id"])] = at_s, time.monotonic()
        return sent

    def slowest(self, statuses: Counter[int]) -> float:
        """The quiet shop's p99: of its answers, and of the time until a reader of the topic has its events."""

        async def both() -> dict[UUID, tuple[float, float]]:
            began_s = time.monotonic()
            sent, _ = await asyncio.gather(self.quiet(began_s), self.noise(began_s, statuses))
            return sent

        sent = asyncio.run(both())
        eventually(lambda: sent.keys() <= self.reader.read_at_s.keys(), "the reader has the quiet shop's events")
        answered_s = [done_s - at_s for at_s, done_s in sent.values()]
        read_s = [self.reader.read_at_s[event_id] - at_s for event_id, (at_s, _) in sent.items()]
        return max(float(np.percentile(answered_s, 99)), float(np.percentile(read_s, 99)))


@pytest.fixture
def neighbours(new_kafka: Callable[[], RunningKafka], tmp_path: Path) -> Iterator[Neighbours]:
    kafka, port = new_kafka(), free_port()
    ensure_topics(kafka.access)
    collector, reader = collector_process(tmp_path, kafka.bootstrap, port, STRICT), Reader(kafka)
    collector.start()
    reading = threading.Thread(target=reader.run)
    reading.start()
    url = f"http://127.0.0.1:{port}"

    def accepts() -> bool:
        try:
            return httpx.post(f"{url}/events", json=event(), headers=bearer(FOREIGN_KEY), timeout=PATIENCE_S).status_code == 202
        except httpx.TransportError:
            return False

    collector.wait_until(accepts, PATIENCE_S)
    yield Neighbours(url, reader)
    reader.stop.set()
    reading.join()
    collector.stop()


def test_one_shop_at_ten_times_its_quota_leaves_anothers_answers_and_lag_as_they_are(neighbours: Neighbours) -> None:
    statuses: Counter[int] = Counter()
    began_s = time.monotonic()
    quickest(lambda: neighbours.slowest(statuses), within_s=0.5, tries=5)
    took_s = time.monotonic() - began_s
    assert statuses.keys() == {202, 429}
    assert statuses[202] <= (took_s + BURST_S) * PER_S + 1
    eventually(lambda: neighbours.reader.n_of["grocer"] == statuses[202], "what was refused is not in the topic")
