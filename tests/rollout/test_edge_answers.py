"""What every answer of a real Envoy carries, what it writes down, how it is reached."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import httpx
import pytest

from recommndr.settings import Settings
from recommndr_native.dev_ca import write_certificates
from recommndr_native.shop import Refused, Shop
from recommndr_rollout.edge_policies import NO_POLICIES
from recommndr_training.live.edge_client import connect
from tests.patience import PATIENCE_S, eventually
from tests.rollout.edges import Edge, NewEnvoy, edge_settings, running_edge, server_key, token, until_refused

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy) -> Iterator[Edge]:
    with running_edge(edge_settings(tmp_path_factory.mktemp("edge")), new_envoy, NO_POLICIES) as running:
        yield running


def test_no_answer_may_be_kept_or_guessed_at_and_all_differ_by_origin(edge: Edge) -> None:
    answers = [
        edge.ask("GET", "/popular"),
        edge.browse(),
        edge.browse(bearer="garbage"),
        edge.browse("/health/ready", bearer=""),
        edge.ask("POST", "/recommend", content=b" " * 70_000),
        edge.preflight("https://evil.example"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 200, 413, 200]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "origin" in answer.headers["vary"].lower()
        assert "strict-transport-security" not in answer.headers  # there is no TLS here


def test_the_access_log_says_what_was_asked_and_nothing_of_whom(edge: Edge) -> None:
    secrets = {"anna-canary", "rk_grocer_secret", "query-canary", "body-canary", token("anna-canary").split(".")[2][:20]}
    bearer = token("anna-canary")
    edge.browse("/recommend?user_id=anna-canary&q=query-canary", bearer=bearer)
    edge.ask("POST", "/recommend?k=query-canary", {"x-recommndr-user": "anna-canary"}, content=b"body-canary")
    edge.ask("GET", "/items/last-line", {"x-recommndr-tenant": "grocer"})
    eventually(lambda: "/items/last-line" in edge.log(), "the requests are in the log")
    text = edge.log()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    last = lines[-1]
    assert (last["method"], last["path"], last["status"], last["service"]) == ("GET", "/items/last-line", 200, "blue")
    assert (last["tenant"], last["key"][0]) == ("grocer", "k")
    assert {"/recommend"} <= {line["path"] for line in lines}
    assert not [secret for secret in (*secrets, bearer) if secret in text]
    assert "127.0.0.1" not in "".join(json.dumps(line) for line in lines)


def test_a_proxy_before_the_edge_names_the_client(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = edge_settings(tmp_path, browser_requests_per_s=1, xff_num_trusted_hops=1)
    with running_edge(settings, new_envoy) as edge:
        claimed = count(1)  # what the client says of itself stands before what the proxy adds
        until_refused(lambda: edge.browse(x_forwarded_for=f"203.0.113.{next(claimed)}, 198.51.100.1"))
        assert edge.browse(x_forwarded_for="203.0.113.1, 198.51.100.2").status_code == 200


def test_the_edge_has_so_many_connections_and_no_more_however_often_its_health_is_asked(
    tmp_path: Path, new_envoy: NewEnvoy
) -> None:
    settings = edge_settings(tmp_path, edge_max_connections=3)
    address, health = ("127.0.0.1", settings.envoy_port), f"http://127.0.0.1:{settings.envoy_admin_port}/ready"
    with running_edge(settings, new_envoy) as edge:
        with ExitStack() as held:

            def opens(n: int, n_refused: int) -> None:
                opened = [held.enter_context(socket.create_connection(address)) for _ in range(n)]
                eventually(lambda: sum(is_closed(each) for each in opened) == n_refused, f"{n_refused} of {n} are closed")

            opens(8, n_refused=5)
            for _ in range(4):
                assert httpx.get(health, trust_env=False, timeout=PATIENCE_S).is_success  # a connection each
                opens(2, n_refused=2)
        eventually(lambda: is_answered(edge), "there is room again")


def is_answered(edge: Edge) -> bool:
    try:
        return edge.browse().status_code == 200
    except httpx.TransportError:  # the edge closes a connection beyond the limit without an answer
        return False


def is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def secured(tmp_path: Path) -> Settings:
    write_certificates(tmp_path / "tls", ("localhost", "127.0.0.1"))
    return edge_settings(tmp_path, edge_tls_dir=str(tmp_path / "tls"), hsts_max_age_s=3_600)


def trusting(tmp_path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=tmp_path / "tls" / "ca.crt")


def test_with_a_certificate_the_edge_speaks_tls_and_nothing_else(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = secured(tmp_path)
    url = f"https://localhost:{settings.envoy_port}"
    with running_edge(settings, new_envoy):
        headers = {"authorization": f"Bearer {token()}"}
        with httpx.Client(verify=trusting(tmp_path), trust_env=False, timeout=PATIENCE_S) as client:
            answer = client.get(f"{url}/popular", headers=headers)
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"] == "max-age=3600"
            assert client.get(f"https://127.0.0.1:{settings.envoy_port}/popular", headers=headers).status_code == 200
            with pytest.raises(httpx.TransportError):
                client.get(f"http://localhost:{settings.envoy_port}/popular", headers=headers)
        with (
            httpx.Client(trust_env=False, timeout=PATIENCE_S) as stranger,
            pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            stranger.get(f"{url}/popular", headers=headers)


async def test_our_own_clients_know_the_edge_by_its_authority(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    listening = secured(tmp_path)
    url = f"https://localhost:{listening.envoy_port}"
    told = listening.model_copy(update={"envoy_url": url, "edge_ca_file": str(tmp_path / "tls" / "ca.crt")})
    with running_edge(listening, new_envoy):
        async with connect(told, "grocer", server_key(), in_flight=1) as client:
            assert (await client.get("/popular")).text == "blue"
        trust = told.edge_trust()
        assert isinstance(trust, ssl.SSLContext)
        with closing(Shop(url, "grocer", server_key(), trust)) as shop, pytest.raises(Refused, match="200 collector"):
            shop.set_available("milk", available=False)  # the stand-in behind the edge says 200, the collector 202


def test_a_new_certificate_needs_no_restart(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = secured(tmp_path)

    def answers() -> bool:
        try:
            with httpx.Client(verify=trusting(tmp_path), trust_env=False, timeout=PATIENCE_S) as client:
                return client.get(f"https://localhost:{settings.envoy_port}/health/ready").status_code == 200
        except httpx.ConnectError:
            return False

    with running_edge(settings, new_envoy):
        assert answers()
        write_certificates(tmp_path / "next", ("localhost",))
        for name in ("edge.key", "edge.crt", "ca.crt"):
            (tmp_path / "next" / name).rename(tmp_path / "tls" / name)
        eventually(answers, "the new certificate is served")
