"""`/ops/figures`: rollout's answer passed on, and a clear word where there is none."""

import httpx
import pytest

from tests.storefront.shop_server import Server


async def test_the_figures_are_rollouts_own_and_never_kept(server: Server) -> None:
    server.answer = lambda _: httpx.Response(200, json={"tenants": []})
    answer = await server.client.get("/ops/figures")
    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, {"tenants": []}, "no-store")
    assert [request.url.path for request in server.asked] == ["/ops/figures"]


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_a_rollout_without_figures_is_a_503_that_says_so(server: Server, status: int) -> None:
    server.answer = lambda _: httpx.Response(status)
    answer = await server.client.get("/ops/figures")
    assert answer.status_code == 503
    assert "rollout" in answer.json()["detail"]


async def test_a_rollout_that_is_away_is_a_503_that_says_so(server: Server) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    server.answer = refuse
    assert (await server.client.get("/ops/figures")).status_code == 503
    assert server.count("figures", 503) == 1
