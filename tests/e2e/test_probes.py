"""Attacks from outside on a running edge, and the answers they must get."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import jwt
import pytest

from recommndr_native.installation import Installation
from tests.e2e.probes import KINDS, Attacker, Probe
from tests.e2e.two_tenants import SHOPPER, Apart, apart
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.e2e
N_PROBES = 464  # as many as an earlier review tried by hand


@pytest.fixture(scope="module")
def two(installation: Installation) -> Iterator[Apart]:
    with apart(installation, "grocer", "boutique") as both:
        yield both


@pytest.fixture(scope="module")
def attacker(two: Apart) -> Attacker:
    """The boutique probes the grocer."""
    own, victim = two.b, two.a
    made = two.ask("POST", "/tokens", own.headers(user=None), json={"user_id": SHOPPER})
    assert made.status_code in {200, 201}, made.text
    token = made.json()["token"]
    key_id = jwt.get_unverified_header(token)["kid"]
    return Attacker(own, victim, token, two.installation.keys.token_key, key_id)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_probe_gets_no_more_than_it_may(two: Apart, attacker: Attacker, kind: Callable[[Attacker], Iterator[Probe]]) -> None:
    wrong = []
    for probe in kind(attacker):
        try:
            answer = two.ask(probe.method, probe.path, dict(probe.headers), content=probe.body)  # type: ignore[arg-type]
        except (httpx.RemoteProtocolError, httpx.WriteError, httpx.ReadError):
            continue  # the edge hung up on what is no request
        told = str(answer.headers) + answer.text
        statuses = {answer.status_code}
        if answer.status_code == httpx.codes.MULTI_STATUS:
            statuses = {each["status"] for each in answer.json()["results"]}
        if not statuses <= probe.allowed:
            wrong.append(f"{probe}: {answer.status_code} {answer.text[:120]}")
        elif two.a.canary in told or re.search(r'Traceback|File "/|site-packages|/tmp/|/recommndr_', told):
            wrong.append(f"{probe}: reveals data of the victim or of the machine: {told[:200]}")
        elif probe.kind == "origin" and answer.is_success:
            readable_by = answer.headers.get("access-control-allow-origin")
            if readable_by in {"*", probe.headers["origin"]}:
                wrong.append(f"{probe}: readable by {readable_by}")
    assert wrong == []


def test_the_victim_is_as_before(two: Apart, attacker: Attacker) -> None:
    page = two.ask("GET", "/items/shared-item-1", two.a.headers()).json()
    assert page["title"].startswith(two.a.canary)
    assert page["available"] is True


def test_there_are_as_many_probes_as_were_tried_by_hand(attacker: Attacker) -> None:
    assert sum(1 for kind in KINDS for _ in kind(attacker)) + len(SMUGGLED) >= N_PROBES


_GET = b"GET /popular HTTP/1.1\r\nhost: edge\r\n"
_POST = b"POST /events HTTP/1.1\r\nhost: edge\r\n"
_CHUNKS = b"transfer-encoding: chunked\r\n"
_END = b"\r\n0\r\n\r\n"
_HIDDEN = b"GET /metrics HTTP/1.1\r\nhost: edge\r\n\r\n"
SMUGGLED = {
    "two lengths": _POST + b"content-length: 5\r\ncontent-length: 0\r\n\r\n" + _HIDDEN,
    "length and chunks": _POST + b"content-length: 4\r\n" + _CHUNKS + _END + _HIDDEN,
    "chunked, with a tab": _POST + b"transfer-encoding:\tchunked\r\ncontent-length: 3\r\n" + _END + _HIDDEN,
    "chunked twice": _POST + _CHUNKS + b"transfer-encoding: identity\r\n" + _END + _HIDDEN,
    "a space before the colon": _POST + b"content-length : 5\r\n\r\n" + _HIDDEN,
    "a folded header": _GET + b"x-a: b\r\n c: d\r\n\r\n",
    "bare line feeds": b"GET /popular HTTP/1.1\nhost: edge\n\n",
    "a NUL in a header": _GET + b"x-a: b\x00c\r\n\r\n",
    "a negative length": _POST + b"content-length: -1\r\n\r\n",
    "no host": b"GET /popular HTTP/1.1\r\n\r\n",
    "two hosts": _GET + b"host: evil.example\r\n\r\n",
    "a tunnel": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: edge\r\n\r\n",
    "an echo": b"TRACE /popular HTTP/1.1\r\nhost: edge\r\n\r\n",
    "another place": b"GET http://127.0.0.1:1/popular HTTP/1.1\r\nhost: edge\r\n\r\n",
    "an upgrade": _GET + b"connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n",
    "a header with underscores": _GET + b"x_recommndr_tenant: grocer\r\n\r\n",
    "a path out of the tree": b"GET /../../../metrics HTTP/1.1\r\nhost: edge\r\n\r\n",
    "an encoded slash": b"GET /popular%2f..%2fmetrics HTTP/1.1\r\nhost: edge\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    "an old version": b"GET /popular HTTP/0.9\r\n\r\n",
}


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_no_request_hides_in_another(two: Apart, sent: bytes) -> None:
    settings = two.installation.settings
    answer = b""
    with (
        socket.create_connection((settings.host, settings.envoy_port), timeout=PATIENCE_S) as connection,
        suppress(ConnectionError),  # hanging up on what is no request is an answer too
    ):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65_536):
            answer += part
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]
    assert all(400 <= status < 500 or status == 501 for status in statuses), answer[:300]
    assert b"recommndr_serving_" not in answer  # no metrics page came out
