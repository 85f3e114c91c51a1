"""Operators move releases through the storefront: with their login, from our own page, answered by rollout's own words."""

from base64 import b64encode
from typing import Any

import httpx
import pytest

from tests.storefront.shop_server import OPERATOR, Server

OURS = {"x-recommndr-console": "1", "sec-fetch-site": "same-origin", "origin": "https://shop.test"}
ASKED = {"reason": "clicks fall", "by": "anna"}


async def ask(server: Server, path: str = "grocer/pause", **changes: Any) -> httpx.Response:
    sent: dict[str, Any] = {"json": ASKED, "headers": OURS, "auth": OPERATOR} | changes
    return await server.client.post(f"/ops/rollout/{path}", **sent)


async def test_a_move_reaches_rollout_with_the_operators_login_and_words(server: Server) -> None:
    server.answer = lambda _: httpx.Response(200, json={"tenant": "grocer", "phase": "STEP_10", "paused": True})
    answer = await ask(server)
    assert (answer.status_code, answer.json()["paused"], answer.headers["cache-control"]) == (200, True, "no-store")
    (passed_on,) = server.asked
    assert (passed_on.method, passed_on.url.path) == ("POST", "/rollout/grocer/pause")
    assert passed_on.headers["authorization"] == "Basic " + b64encode(":".join(OPERATOR).encode()).decode()
    assert passed_on.content == answer.request.content
    assert server.count("move", 200) == 1


@pytest.mark.parametrize(
    "foreign",
    [
        {"x-recommndr-console": None},
        {"x-recommndr-console": "true"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.test"},
        {"origin": "https://shop.test.evil.test"},
        {"origin": "https://shop.test:8443"},
        {"origin": "null"},
    ],
)
async def test_a_page_of_another_site_moves_nothing_with_an_operators_login(
    server: Server, foreign: dict[str, str | None]
) -> None:
    headers = {name: value for name, value in (OURS | foreign).items() if value is not None}
    answer = await ask(server, headers=headers)
    assert (answer.status_code, server.asked) == (403, [])
    assert next(iter(foreign)) in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_moves_nothing(server: Server, media_type: str) -> None:
    answer = await ask(server, json=None, content=b'{"reason": "x"}', headers=OURS | {"content-type": media_type})
    assert (answer.status_code, server.asked) == (415, [])


async def test_no_page_of_another_origin_is_granted_a_preflight(server: Server) -> None:
    asked = {"origin": "https://evil.test", "access-control-request-method": "POST"}
    asked |= {"access-control-request-headers": "x-recommndr-console"}
    for auth in (None, OPERATOR):
        answer = await server.client.request("OPTIONS", "/ops/rollout/grocer/pause", headers=asked, auth=auth)
        assert not answer.is_success
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_script_needs_only_the_login_and_our_header(server: Server) -> None:
    server.answer = lambda _: httpx.Response(200, json={})
    assert (await ask(server, headers={"x-recommndr-console": "1"})).status_code == 200


@pytest.mark.parametrize("auth", [None, ("operator", "another"), ("anna", OPERATOR[1])])
async def test_nothing_moves_without_the_login(server: Server, auth: tuple[str, str] | None) -> None:
    answer = await ask(server, auth=auth)
    assert (answer.status_code, server.asked) == (401, [])
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("status", [400, 409])
async def test_rollout_explains_why_it_refuses(server: Server, status: int) -> None:
    problem = {
        "title": "The release does not allow this",
        "status": status,
        "detail": "tenant 'grocer': no release is under way",
    }
    server.answer = lambda _: httpx.Response(status, json=problem, headers={"content-type": "application/problem+json"})
    answer = await ask(server)
    assert (answer.status_code, answer.json()) == (status, problem)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_rollout_with_another_password_is_no_reason_to_ask_for_the_login_again(server: Server, status: int) -> None:
    server.answer = lambda _: httpx.Response(status, headers={"www-authenticate": "Basic"})
    answer = await ask(server)
    assert (answer.status_code, "www-authenticate" in answer.headers) == (503, False)
    assert "RECOMMNDR_OPERATIONS_PASSWORD" in answer.json()["detail"]


async def test_a_move_whose_answer_does_not_come_may_have_been_made(server: Server) -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    server.answer = late
    answer = await ask(server)
    assert answer.status_code == 503
    assert "read the history before you repeat" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["Grocer/pause", "%2e%2e/pause", "grocer/..%5c", "grocer/%2e%2e", "grocer/PAUSE", "a%3Fb/pause"]
)
async def test_a_path_that_is_no_tenants_move_never_reaches_rollout(server: Server, path: str) -> None:
    answer = await ask(server, path)
    assert answer.status_code in {400, 404, 405}
    assert server.asked == []


async def test_a_body_that_is_longer_than_a_move_is_refused(server: Server) -> None:
    answer = await ask(server, json={"reason": "x" * 10_000})
    assert (answer.status_code, server.asked) == (413, [])


async def test_the_series_are_rollouts_own_and_so_are_its_refusals(server: Server) -> None:
    server.answer = lambda _: httpx.Response(400, json={"detail": "minutes: got 9999, expected at most 1440"})
    answer = await server.client.get("/ops/series?tenant=grocer&minutes=9999", auth=OPERATOR)
    assert (answer.status_code, answer.json()["detail"]) == (400, "minutes: got 9999, expected at most 1440")
    assert [str(request.url.raw_path, "ascii") for request in server.asked] == ["/ops/series?tenant=grocer&minutes=9999"]
    assert (await server.client.get("/ops/series")).status_code == 401
