"""The collector as it runs: its own process, a real broker that goes away and comes back."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from recommndr.events import decode
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.collector.processes import collector_process
from tests.collector.shop import KEY, TENANTS, bearer
from tests.collector.test_event_log import read_back
from tests.patience import PATIENCE_S
from tests.servers import RunningKafka

pytestmark = pytest.mark.integration


@dataclass
class Running:
    kafka: RunningKafka
    child: Child
    client: httpx.Client

    def post(self, n: int, user_id: str = "u") -> httpx.Response:
        return self.client.post("/events", json=event(n, user_id))

    def ready(self) -> bool:
        try:
            return self.client.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False


def event(n: int, user_id: str) -> dict[str, Any]:
    stated = {"event_id": str(UUID(int=n)), "kind": "view", "user_id": user_id, "lines": [{"item_id": "i"}]}
    return stated | {"occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


@pytest.fixture(scope="module")
def running(new_kafka: Callable[[], RunningKafka], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("collector")
    kafka, port = new_kafka(), free_port()
    child = collector_process(folder, kafka.bootstrap, port, TENANTS)
    child.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=bearer(KEY), timeout=PATIENCE_S) as client:
        collector = Running(kafka, child, client)
        child.wait_until(lambda: not collector.ready() and collector_answers(client), PATIENCE_S)
        refused = collector.post(0)  # the topics do not exist yet
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        ensure_topics(kafka.access)
        child.wait_until(collector.ready, PATIENCE_S)
        yield collector
    child.stop()


def collector_answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_it_says_once_that_it_is_ready(running: Running) -> None:
    assert running.child.log_file.read_text().count("ready: collector") == 1


def test_a_broker_that_hangs_means_503_within_seconds_and_health_stays_quick(running: Running) -> None:
    os.kill(running.kafka.child.pid, signal.SIGSTOP)
    try:
        started_s = time.monotonic()
        n_healthy = asyncio.run(health_while_posting(running))
        took_s = time.monotonic() - started_s
    finally:
        os.kill(running.kafka.child.pid, signal.SIGCONT)
    assert took_s < 60  # it gives up after 3 s; left to itself, a producer waits for 120 s
    assert n_healthy > 10  # a loop that waits for the broker would answer none
    running.child.wait_until(lambda: running.post(9).status_code == 202, PATIENCE_S)


async def health_while_posting(running: Running) -> int:
    """How often it said that it is healthy before it gave up the last event."""
    n_healthy = 0
    async with httpx.AsyncClient(base_url=running.client.base_url, headers=bearer(KEY), timeout=PATIENCE_S) as client:
        posted = [asyncio.create_task(client.post("/events", json=event(n, "hang"))) for n in range(20)]
        while not all(task.done() for task in posted):
            assert (await client.get("/health/live")).status_code == 200
            n_healthy += 1
            await asyncio.sleep(0.02)
        assert {task.result().status_code for task in posted} == {503}
    return n_healthy


def test_nothing_acknowledged_is_lost_when_the_broker_is_killed_and_comes_back(running: Running) -> None:
    acknowledged: list[int] = []
    for n in range(1, 200):
        if running.post(n, "crash").status_code == 202:
            acknowledged.append(n)
        if n == 50:
            running.kafka.child.kill()
            assert running.post(10_000, "crash").status_code == 503
            running.kafka.start()
            running.child.wait_until(lambda: running.post(10_001, "crash").status_code == 202, PATIENCE_S)
    written = read_back(running.kafka.access, b"grocer|crash")
    ids = {decode(value).event_id.int for value, _ in written if value is not None}
    assert len(acknowledged) > 100
    assert ids >= set(acknowledged)


def test_its_help_names_it() -> None:
    command = [sys.executable, "-c", "from recommndr_collector.main import main; main()", "--help"]
    assert "recommndr-collector" in subprocess.run(command, capture_output=True, check=True, text=True).stdout
