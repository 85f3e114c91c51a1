"""The edge of one process decides as Envoy's routes do, and as the tenants' policies say."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from recommndr.shopper_token import NO_KEYS
from recommndr.tenancy import ServerKey, TenantPolicy, Tenants, hash_key, new_server_key
from recommndr_one_process.edge import Callers, Edge, is_collectors, may_call
from recommndr_rollout.routes import route_configuration
from tests.engine.bundles import NOW

PATHS = (
    "/events", "/events/x", "/tokens", "/users/anna", "/users", "/usersx", "/items", "/items/i1", "/items/i1/availability",
    "/itemsx", "/recommend", "/recommend/batch", "/similar_items", "/popular", "/trending", "/openapi.json",
)  # fmt: skip


def goes_to(method: str, path: str) -> str:
    """The cluster of Envoy's first route that matches a server's request."""
    (resource,) = route_configuration({})["resources"]
    (host,) = resource["virtual_hosts"]
    route = next(one for one in host["routes"] if matches(one["match"], method, path))
    cluster: str = route["route"]["cluster"]
    return cluster


def matches(match: Mapping[str, Any], method: str, path: str) -> bool:
    exact, below, prefix = (match.get(name) for name in ("path", "path_separated_prefix", "prefix"))
    fits = path == exact if exact else path == below or path.startswith(f"{below}/") if below else path.startswith(prefix or "")
    return fits and all(method_fits(header, method) for header in match.get("headers", ()))


def method_fits(header: Mapping[str, Any], method: str) -> bool:
    if header["name"] != ":method":
        return False  # the headers of a preflight
    wanted = header["string_match"]
    return method == wanted.get("exact") or bool(re.fullmatch(wanted.get("safe_regex", {}).get("regex", "(?!)"), method))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_same_application_answers_as_behind_envoy(method: str, path: str) -> None:
    assert is_collectors(method, path) == (goes_to(method, path) == "collector")


def test_the_addresses_of_a_policy_are_kept() -> None:
    assert may_call(TenantPolicy(), "10.0.0.1")
    assert not may_call(TenantPolicy(denied_addresses=("10.0.0.0/8",)), "10.0.0.1")
    only = TenantPolicy(allowed_addresses=("192.0.2.0/24",), denied_addresses=("192.0.2.7/32",))
    found = [may_call(only, address) for address in ("192.0.2.1", "192.0.2.7", "10.0.0.1", "no address")]
    assert found == [True, False, False, False]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the headers that begin with ours."""
    headers = Request(scope, receive).headers
    told = "\n".join(f"{name}: {value}" for name, value in headers.items() if name.startswith("x-"))
    await PlainTextResponse(told)(scope, receive, send)


async def test_a_shop_beyond_its_rate_waits_and_another_does_not() -> None:
    keys = {tenant: new_server_key(tenant) for tenant in ("busy", "quiet")}
    policies = {
        tenant: TenantPolicy(keys=(ServerKey(sha256=hash_key(key)),), max_server_requests_per_s=1)
        for tenant, key in keys.items()
    }
    edge = Edge(echo, echo, Callers(lambda: Tenants(tenants=policies), lambda: NO_KEYS, lambda: NOW))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://localhost") as client:
        statuses = [
            (await client.get("/popular", headers={"authorization": f"Bearer {keys[tenant]}"})).status_code
            for tenant in (*["busy"] * 12, "quiet")
        ]
    assert statuses == [*[200] * 10, 429, 429, 200]  # ten seconds' worth may come at once


async def test_headers_of_a_caller_without_a_known_credential_are_removed() -> None:
    edge = Edge(echo, echo, Callers(lambda: Tenants(tenants={}), lambda: NO_KEYS, lambda: NOW))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://localhost") as client:
        answer = await client.get("/popular", headers={"x-recommndr-tenant": "grocer", "x-recommndr-user": "anna"})
    assert "x-recommndr" not in answer.text
