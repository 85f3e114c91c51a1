"""The edge of one process, an ASGI application: what Envoy does in the full installation for the two applications behind it.

Servers and browsers are told apart by their credential, and a browser's tenant and shopper are those of its token. Tenants'
origins, addresses and rates are those of their policies. Writes go to the collector, everything else to the slot. Both check
the credential again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommndr.caller import Caller
from recommndr.edge import TENANT_HEADER, USER_HEADER
from recommndr.hosts import LOOPBACK, is_known_host
from recommndr.shopper_token import BadShopperToken, TokenKeys
from recommndr.tenancy import TenantPolicy, Tenants, UnknownKey, is_server_key
from recommndr_collector.quota import Quota
from recommndr_http.problem import Problem
from recommndr_rollout.edge_policies import CORS, cors

_OURS = b"x-recommndr-"
_COLLECTOR_WRITES = frozenset({"PUT", "PATCH", "DELETE"})
_FORWARDED = b"x-forwarded-proto"  # services refuse their inner paths to requests with it
_POLICY = cors(())[CORS]


class _Known(NamedTuple):
    """Whose request it is; nobody's if the credential is unknown, which the services answer."""

    caller: Caller | None
    policy: TenantPolicy
    is_server: bool


_NOBODY = TenantPolicy()


@dataclass(frozen=True, slots=True)
class Callers:
    """Finds out whose request it is."""

    tenants: Callable[[], Tenants]
    token_keys: Callable[[], TokenKeys]
    now: Callable[[], datetime]

    def of(self, headers: Headers) -> _Known:
        """The caller and its shop's policy."""
        credential = headers.get("authorization", "").partition(" ")[2].strip()
        is_server = is_server_key(credential)
        try:
            caller = Caller.of(credential, (), self.tenants(), self.token_keys(), self.now())
        except (UnknownKey, BadShopperToken):
            return _Known(None, _NOBODY, is_server)
        return _Known(caller, self.tenants().tenants[caller.tenant], is_server)

    def origins(self) -> set[str]:
        """The origins of all shops: a preflight has no credential."""
        return {origin for policy in self.tenants().tenants.values() for origin in policy.origins}


class Edge:
    """Passes requests on to `collector` or `slot`."""

    def __init__(self, collector: ASGIApp, slot: ASGIApp, callers: Callers) -> None:
        self._collector, self._slot, self._callers = collector, slot, callers
        self._browsers, self._servers = Quota(), Quota()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, for HTTP."""
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self._preflight(headers)(scope, receive, send)
            return
        known = self._callers.of(headers)
        answering = _with_headers(send, _allowed(headers.get("origin"), known))
        try:
            self._refuse(scope, known)
        except Problem as problem:
            await problem.to_response()(scope, receive, answering)
            return
        to = self._collector if is_collectors(scope["method"], scope["path"]) else self._slot
        await to({**scope, "headers": _passed_on(scope, known)}, receive, answering)

    def _preflight(self, headers: Headers) -> Response:
        origin = headers.get("origin", "")
        if origin not in self._callers.origins():
            return Response(status_code=200)
        return Response(
            headers={
                "access-control-allow-origin": origin,
                "access-control-allow-methods": _POLICY["allow_methods"],
                "access-control-allow-headers": _POLICY["allow_headers"],
                "access-control-max-age": _POLICY["max_age"],
                "vary": "Origin",
            }
        )

    def _refuse(self, scope: Scope, known: _Known) -> None:
        """Raise `Problem` 403 for an address that the shop's policy refuses, and 429 beyond its rate."""
        if known.caller is None:
            return
        if not may_call(known.policy, _address(scope)):
            raise Problem(403, "the address: the shop's policy does not let it call")
        quota = self._servers if known.is_server else self._browsers
        policy, now_s = known.policy, self._callers.now().timestamp()
        per_s = policy.max_server_requests_per_s if known.is_server else policy.max_requests_per_s
        if quota.take(known.caller.tenant, 1, per_s, now_s):
            raise Problem(429, f"the limit of the shop is {per_s} requests a second", headers={"Retry-After": "1"})


def is_collectors(method: str, path: str) -> bool:
    """Whether the collector answers: events, tokens, erasures and writes of the catalogue."""
    if path in {"/events", "/tokens"}:
        return True
    if _is_below(path, "/users"):
        return method == "DELETE"
    return _is_below(path, "/items") and method in _COLLECTOR_WRITES


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def may_call(policy: TenantPolicy, address: str) -> bool:
    """Whether requests from the address are let through."""
    if not policy.denied_addresses and not policy.allowed_addresses:
        return True
    if _is_in(address, policy.denied_addresses):
        return False
    return not policy.allowed_addresses or _is_in(address, policy.allowed_addresses)


def _is_in(address: str, networks: Iterable[str]) -> bool:
    try:
        return any(ip_address(address) in ip_network(network) for network in networks)
    except ValueError:  # no address, such as a socket in the file system
        return False


def _address(scope: Scope) -> str:
    client: tuple[str, int] | None = scope.get("client")
    return "" if client is None else client[0]


def _passed_on(scope: Scope, known: _Known) -> list[tuple[bytes, bytes]]:
    """The headers for the services: a browser's own are replaced by those of its token."""
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    if not known.is_server:
        headers = [(name, value) for name, value in headers if not name.startswith(_OURS)]
        if known.caller is not None:
            headers.append((TENANT_HEADER.encode(), known.caller.tenant.encode()))
            headers.append((USER_HEADER.encode(), (known.caller.subject or "").encode()))
    if not _is_of_this_machine(scope) and not any(name == _FORWARDED for name, _ in headers):
        headers.append((_FORWARDED, str(scope.get("scheme", "http")).encode()))
    return headers


def _is_of_this_machine(scope: Scope) -> bool:
    """Whether the request comes from this machine, and is meant for it: a page may give its own name our address."""
    if not is_known_host(Headers(scope=scope).get("host", ""), LOOPBACK):
        return False
    try:
        return ip_address(_address(scope)).is_loopback
    except ValueError:
        return False


def _allowed(origin: str | None, known: _Known) -> str | None:
    """The origin that may read the answer: one of the shop, and any that of a refusal for nobody."""
    if origin is None or known.caller is None:
        return None if origin is None else "*"
    return origin if origin in known.policy.origins else None


def _with_headers(send: Send, allowed: str | None) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("cache-control", "no-store")
            headers["x-content-type-options"] = "nosniff"
            headers.add_vary_header("Origin")
            if allowed is not None:
                headers["access-control-allow-origin"] = allowed
                headers["access-control-expose-headers"] = _POLICY["expose_headers"]
        await send(message)

    return sending
