"""`/ops`: for operators only; its figures are rollout's, passed on, with a clear word where there are none."""

import base64
from pathlib import Path

import httpx
import pytest

from tests.storefront.shop_server import EDGE_URL, OPERATOR, PASSWORD, Server, open_server

BELOW_OPS = ["/ops", "/ops/", "/ops.txt", "/ops/figures", "/ops/runbooks/SlotDown", "/ops/no-such-page", "/%6fps"]


@pytest.mark.parametrize("path", BELOW_OPS)
async def test_nobody_sees_anything_of_it_without_the_operators_login(server: Server, path: str) -> None:
    answer = await server.client.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")  # at which a browser asks for the login
    assert "operations" not in answer.text
    assert server.asked == []


@pytest.mark.parametrize("path", ["/ops", "/ops/", "/ops.txt", "/ops/figures", "/ops/runbooks/SlotDown"])
async def test_an_operator_sees_all_of_it(server: Server, path: str) -> None:
    assert (await server.client.get(path, auth=OPERATOR)).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        f"Bearer {PASSWORD}",
        "Basic " + base64.b64encode(f"operator:{PASSWORD}x".encode()).decode(),
        "Basic " + base64.b64encode(f"somebody:{PASSWORD}".encode()).decode(),
        "Basic " + base64.b64encode(b"operator:").decode(),
        "Basic \u00e9".encode("latin-1").decode("latin-1"),
    ],
)
async def test_another_login_is_refused(server: Server, header: str) -> None:
    answer = await server.client.get("/ops", headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 401


async def test_the_scheme_may_be_spelt_as_one_likes(server: Server) -> None:
    login = base64.b64encode(":".join(OPERATOR).encode()).decode()
    assert (await server.client.get("/ops", headers={"authorization": f"bAsIc {login}"})).status_code == 200


async def test_without_a_password_nobody_gets_in_and_the_answer_says_what_to_set(tmp_path: Path) -> None:
    async with open_server(tmp_path, password="") as server:
        answer = await server.client.get("/ops", auth=("operator", ""))
        assert answer.status_code == 403
        assert "RECOMMNDR_OPERATIONS_PASSWORD" in answer.json()["detail"]


async def test_the_figures_are_rollouts_own_and_never_kept(server: Server) -> None:
    server.answer = lambda _: httpx.Response(200, json={"tenants": []})
    answer = await server.client.get("/ops/figures", auth=OPERATOR)
    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, {"tenants": []}, "no-store")
    assert [request.url.path for request in server.asked] == ["/ops/figures"]


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_a_rollout_without_figures_is_a_503_that_says_so(server: Server, status: int) -> None:
    server.answer = lambda _: httpx.Response(status)
    answer = await server.client.get("/ops/figures", auth=OPERATOR)
    assert answer.status_code == 503
    assert "rollout" in answer.json()["detail"]
    assert EDGE_URL not in answer.text


async def test_a_rollout_that_is_away_is_a_503_that_says_so(server: Server) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    server.answer = refuse
    assert (await server.client.get("/ops/figures", auth=OPERATOR)).status_code == 503
    assert server.count("figures", 503) == 1
