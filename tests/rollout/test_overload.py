"""More requests than a slot can answer, through a real Envoy: what it takes is answered soon, the rest is refused at once."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recommndr.edge import READ_TIMEOUT_S
from recommndr.tenancy import TenantPolicy
from tests.rollout.edges import GROCER, Edge, NewEnvoy, edge_settings, server_key

pytestmark = pytest.mark.integration

WORK_S = 0.02  # of a list: the slot makes 50 a second, one after another
OFFERED_PER_S = 200
LASTS_S = 8.0
WARM_UP_S = 2.0
TRIES = 5


@contextmanager
def slot(port: int) -> Iterator[None]:
    """Takes every connection and makes one list at a time, in the order of arrival and for whoever has left, too."""
    at_work = threading.Lock()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            with at_work:
                time.sleep(WORK_S)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 1_024

        def handle_error(self, request: object, client_address: object) -> None:
            """Callers leave."""

    with Server(("127.0.0.1", port), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Answered:
    status: int
    asked_s: float
    took_s: float


async def ask(port: int, n: int) -> Answered:
    began_s = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    named = {
        "host": "edge",
        "authorization": f"Bearer {server_key()}",
        "x-recommndr-tenant": "grocer",
        "x-recommndr-user": f"u{n}",
        "connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    writer.write(f"GET /recommend HTTP/1.1\r\n{lines}\r\n".encode())
    head = await reader.readline()
    took_s = time.monotonic() - began_s
    writer.close()
    return Answered(int(head.split()[1]), began_s, took_s)


async def offered(port: int) -> list[Answered]:
    """Asked at a steady rate, whether answers come or not, as shoppers do."""
    began_s, asking = time.monotonic(), []
    for n in range(int(OFFERED_PER_S * LASTS_S)):
        await asyncio.sleep(max(0.0, began_s + n / OFFERED_PER_S - time.monotonic()))
        asking.append(asyncio.create_task(ask(port, n)))
    return await asyncio.gather(*asking)


def test_under_four_times_the_load_a_slot_goes_on_answering_and_nobody_waits_in_vain(
    tmp_path: Path, new_envoy: NewEnvoy
) -> None:
    settings = edge_settings(tmp_path, server_requests_per_s=100_000)
    edge = Edge(settings, {GROCER: TenantPolicy(max_requests_per_s=10_000)})
    edge.set_green(0)
    edge.close()
    with slot(settings.blue_port):
        new_envoy(settings)
        complaints: list[str] = []
        for _ in range(TRIES):  # what the product does wrong is in every try, what the machine does is not
            if not (complaint := complaint_about(asyncio.run(offered(settings.envoy_port)))):
                return
            complaints.append(complaint)
    raise AssertionError("\n".join(complaints))


def complaint_about(answers: list[Answered]) -> str:
    """What is not as it should be; empty when all is."""
    began_s = min(one.asked_s for one in answers)
    settled = [one for one in answers if WARM_UP_S <= one.asked_s - began_s <= LASTS_S - READ_TIMEOUT_S]
    good = [one.took_s for one in settled if one.status == 200]
    refused = [one.took_s for one in settled if one.status == 503]
    goodput_per_s = len(good) / (LASTS_S - READ_TIMEOUT_S - WARM_UP_S)
    said = f"{goodput_per_s:.0f} lists/s, p99 {quantile(good, 0.99):.2f} s; {len(refused)} of {len(settled)} refused"
    print(said)
    wrong = {
        "some waited for their timeout": len(good) + len(refused) < 0.98 * len(settled),
        "too few lists": goodput_per_s <= 0.6 / WORK_S,  # a busy machine makes fewer than 50
        "lists came too late": not quantile(good, 0.99) < READ_TIMEOUT_S,
        "who was refused waited": not quantile(refused, 0.5) < 0.5 * quantile(good, 0.5),
    }
    return f"{said}: {', '.join(what for what, is_so in wrong.items() if is_so)}" if any(wrong.values()) else ""


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * len(values))] if values else float("nan")
