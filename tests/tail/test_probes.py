"""The probes of a service without other HTTP: nobody holds them up, and they say what hangs."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge

from recommndr_native.ports import free_port
from recommndr_tail import probes
from recommndr_tail.probes import serve_probes
from tests.patience import PATIENCE_S


class Probed:
    """A service whose state the test sets."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ready = True
        self.stalled: list[str] = []

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_S)


@pytest.fixture
def probed() -> Iterator[Probed]:
    service, registry = Probed(), CollectorRegistry()
    Gauge("recommndr_of_this_test", "One series", registry=registry).set(7)
    with serve_probes("127.0.0.1", service.port, registry, lambda: service.ready, lambda: service.stalled):
        yield service


def test_idle_connections_hold_up_neither_a_scrape_nor_a_health_check(probed: Probed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes._Handler, "timeout", 2 * PATIENCE_S)  # whoever waits for them gives up before
    idle = [socket.create_connection(("127.0.0.1", probed.port)) for _ in range(20)]
    idle[0].sendall(b"GET /metrics HTTP/1.1\r\n")  # and one that stops in the middle of its request
    try:
        assert "recommndr_of_this_test 7.0" in probed.get("/metrics").text
        assert probed.get("/health/live").status_code == httpx.codes.OK
        assert probed.get("/health/ready").status_code == httpx.codes.OK
    finally:
        for connection in idle:
            connection.close()


def test_an_idle_connection_is_closed_after_a_while(probed: Probed) -> None:
    with socket.create_connection(("127.0.0.1", probed.port)) as idle:
        idle.settimeout(PATIENCE_S)
        assert idle.recv(1) == b"", "the server has closed it"


def test_an_idle_connection_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes._Handler, "timeout", 60.0)
    port = free_port()
    with serve_probes("127.0.0.1", port, CollectorRegistry(), lambda: True):
        idle = socket.create_connection(("127.0.0.1", port))
        assert httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE_S).text == "live\n"
    with idle:  # still open, so nobody waited for its timeout
        idle.setblocking(False)
        with pytest.raises(BlockingIOError):
            idle.recv(1)


def test_health_says_what_hangs_and_whether_it_is_ready(probed: Probed) -> None:
    assert (probed.get("/health/live").text, probed.get("/health/ready").text) == ("live\n", "ready\n")
    probed.ready, probed.stalled = False, ["events", "compaction"]
    live, ready = probed.get("/health/live"), probed.get("/health/ready")
    assert (live.status_code, live.text) == (503, "stalled: events, compaction\n")
    assert (ready.status_code, ready.text) == (503, "not ready\n")


def test_an_unknown_path_says_which_there_are(probed: Probed) -> None:
    answer = probed.get("/")
    assert answer.status_code == 404
    assert "/metrics" in answer.text


@pytest.mark.parametrize("path", ["/metrics", "/health/live", "/health/ready"])
def test_a_foreign_name_is_told_nothing(probed: Probed, path: str) -> None:
    url = f"http://127.0.0.1:{probed.port}{path}"
    assert httpx.get(url, headers={"host": "evil.example"}, timeout=PATIENCE_S).status_code == httpx.codes.BAD_REQUEST
    assert httpx.get(url, headers={"host": f"localhost:{probed.port}"}, timeout=PATIENCE_S).status_code == httpx.codes.OK
