"""The shop's client against a stand-in for the edge."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from recommndr.catalog import CatalogItem
from recommndr.events import Line
from recommndr.identity import ItemId
from recommndr_native.shop import Refused, Shop, purchase

ANSWER = {
    "items": [{"item_id": "milk"}],
    "ladder": "full",
    "model_version": "v1",
    "attribution": "a.b",
    "user_profile": {"stored": {"n_events": 7}},
}


class Edge:
    """Records requests and gives set answers; `statuses` are used up first."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any, dict[str, str]]] = []
        self.statuses: list[int] = []
        self.url = ""


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    monkeypatch.setattr("recommndr_native.shop._RETRY_S", 0.0)
    state = Edge()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state.asked.append((self.command, self.path, body, {k.lower(): v for k, v in self.headers.items()}))
            usual = 200 if self.path == "/recommend" else 202
            content = json.dumps(ANSWER).encode()
            self.send_response(state.statuses.pop(0) if state.statuses else usual)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            self.do_POST()

        def do_PATCH(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@pytest.fixture
def shop(edge: Edge) -> Iterator[Shop]:
    with closing(Shop(edge.url, "grocer", "rk_grocer_secret")) as shop:
        yield shop


def test_a_question_carries_key_tenant_and_user(edge: Edge, shop: Shop) -> None:
    answer = shop.recommend("u1", k=3)
    assert (answer.item_ids, answer.ladder, answer.n_events) == (("milk",), "full", 7)
    method, path, body, headers = edge.asked[0]
    assert (method, path, body) == ("POST", "/recommend", {"user_id": "u1", "k": 3})
    assert headers["authorization"] == "Bearer rk_grocer_secret"
    assert (headers["x-recommndr-tenant"], headers["x-recommndr-user"]) == ("grocer", "u1")


def test_an_event_whose_fate_is_unknown_is_sent_again_under_the_same_id(edge: Edge, shop: Shop) -> None:
    edge.statuses = [503, 503]
    event_id = shop.send(purchase("u1", [Line(item_id=ItemId("milk"))]))
    assert [body["event_id"] for _, _, body, _ in edge.asked] == [str(event_id)] * 3


def test_what_is_refused_is_reported_with_its_status_and_not_sent_again(edge: Edge, shop: Shop) -> None:
    edge.statuses = [400, 404]
    with pytest.raises(Refused, match="POST /events: 400"):
        shop.send(purchase("u1", [Line(item_id=ItemId("milk"))]))
    with pytest.raises(Refused, match="POST /recommend for 'u1': 404"):
        shop.recommend("u1")
    assert len(edge.asked) == 2


def test_the_catalogue_is_written_and_availability_told_of_any_id(edge: Edge, shop: Shop) -> None:
    shop.put_items([CatalogItem(item_id=ItemId("milk"), title="Milk")])
    shop.set_available("a/b c", False)
    assert [(method, path) for method, path, _, _ in edge.asked] == [
        ("PUT", "/items"),
        ("PATCH", "/items/a%2Fb%20c/availability"),
    ]
    assert edge.asked[0][2][0]["title"] == "Milk"
    assert edge.asked[1][2] == {"available": False}


def test_a_connection_the_edge_has_closed_is_opened_again(edge: Edge, shop: Shop) -> None:
    shop.recommend("u1")
    shop.close()
    assert shop.recommend("u1").n_events == 7
