"""More requests than a slot can answer, through a real Envoy: the slot has a few, some wait, the rest is refused."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recommndr.tenancy import TenantPolicy
from tests.rollout.edges import GROCER, Edge, NewEnvoy, edge_settings, server_key

pytestmark = pytest.mark.integration

N_AT_SLOT, N_WAITING, N_BEYOND, N_LEAVING = 16, 48, 20, 10
TRIES = 20


@dataclass
class HeldSlot:
    """Takes every request, and answers none before it is let go."""

    arrived: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def serving(self, port: int) -> Iterator[None]:
        held = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                held.arrived.append(self.headers["x-recommndr-user"])
                held.let_go.wait()
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
                self.let_go.set()
                server.shutdown()
                thread.join()


async def ask(port: int, user: str) -> int:
    """The status of an answer; whoever is cancelled leaves."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    named = {
        "host": "edge",
        "authorization": f"Bearer {server_key()}",
        "x-recommndr-tenant": "grocer",
        "x-recommndr-user": user,
        "connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    try:
        writer.write(f"GET /recommend HTTP/1.1\r\n{lines}\r\n".encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()


async def what_is_wrong(port: int, slot: HeldSlot) -> str:
    """Too many ask at once, some leave, as many others come, the slot is let go; empty when each had what it should."""
    slot.arrived.clear()
    slot.let_go.clear()
    asking = {f"u{n}": asyncio.create_task(ask(port, f"u{n}")) for n in range(N_AT_SLOT + N_WAITING + N_BEYOND)}
    while sum(one.done() for one in asking.values()) < N_BEYOND or len(slot.arrived) < N_AT_SLOT:
        if sum(one.done() for one in asking.values()) > N_BEYOND:
            break
        await asyncio.sleep(0.005)
    refused = [one.result() for one in asking.values() if one.done()]
    leaving = [user for user, one in asking.items() if not one.done() and user not in slot.arrived][:N_LEAVING]
    for user in leaving:
        left = asking.pop(user)
        left.cancel()
        with suppress(asyncio.CancelledError):
            await left
    waiting = [one for one in asking.values() if not one.done()]
    waiting += [asyncio.create_task(ask(port, f"after-{n}")) for n in range(N_LEAVING)]
    n_at_slot = len(slot.arrived)
    await asyncio.sleep(0.05)  # they take the places of those who have left; whoever does not is refused
    slot.let_go.set()
    answered = await asyncio.gather(*waiting)
    wrong = {
        f"refused {refused}": refused != [503] * N_BEYOND,
        f"{n_at_slot} at the slot at once": n_at_slot != N_AT_SLOT,
        f"answered {answered}": answered != [200] * (N_AT_SLOT + N_WAITING),
        "lists for callers who had left": bool(set(leaving) & set(slot.arrived)),
    }
    return ", ".join(what for what, is_so in wrong.items() if is_so)


def test_a_slot_has_few_requests_at_once_and_the_rest_is_refused_at_once(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = edge_settings(tmp_path, server_requests_per_s=100_000)
    edge = Edge(settings, {GROCER: TenantPolicy(max_server_requests_per_s=100_000)})
    edge.set_green(0)
    edge.close()
    slot, wrong = HeldSlot(), list[str]()
    with slot.serving(settings.blue_port):
        new_envoy(settings)
        for _ in range(TRIES):  # on a slow machine some wait for their timeout; what Envoy does wrong is in every try
            wrong.append(asyncio.run(what_is_wrong(settings.envoy_port, slot)))
            if not wrong[-1]:
                return
    raise AssertionError("\n".join(wrong))
