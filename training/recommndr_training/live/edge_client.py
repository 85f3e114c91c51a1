"""A shop's server as an HTTP client: lists and events through the edge, with one key, many concurrent requests.

Answers are read as `docs/openapi.json` describes them. An event is sent again under the same id if its outcome is unknown (503,
a lost connection) or the shop's quota is used up (429); a refused event is not sent again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
from pydantic import TypeAdapter

from recommndr.catalog import CatalogItem
from recommndr.events import ClientEvent, Context
from recommndr.settings import Settings
from recommndr_simulation.storefront import Failed, NoAccess, ShownList

_ITEMS: TypeAdapter[list[CatalogItem]] = TypeAdapter(list[CatalogItem])
_TIMEOUT_S = 20.0
_TRIES = 5
_RETRY_S = 0.5
_RETRIED = {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS}
_ASKED_WITHOUT_KEY = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


def connect(settings: Settings, tenant: str, server_key: str, in_flight: int) -> httpx.AsyncClient:
    """Connections to the edge for one shop; close them after use."""
    headers = {"authorization": f"Bearer {server_key}", "x-recommndr-tenant": tenant}
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    # Waiting for a free connection of our own pool is not an error of the platform.
    timeout = httpx.Timeout(_TIMEOUT_S, pool=None)
    return httpx.AsyncClient(
        base_url=settings.envoy_url,
        headers=headers,
        limits=limits,
        timeout=timeout,
        trust_env=False,
        verify=settings.edge_trust(),
    )


class EdgeClient:
    """A client of the edge for one shop; `http` holds the shop's headers."""

    def __init__(self, http: httpx.AsyncClient, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._http, self._sleep = http, sleep

    async def check(self, lists: bool = True) -> None:
        """Raise `NoAccess` unless the edge answers and the key may send events and, with `lists`, read."""
        try:
            if lists:
                await self._answer("GET", "/popular", params={"k": 1})
            # An empty list is refused, but only after the key was accepted.
            response = await self._response("POST", "/events", json=[])
        except Failed as cause:
            raise NoAccess(f"{self._http.base_url}: {cause}: {self._cure(cause)}") from cause
        if response.status_code != httpx.codes.BAD_REQUEST:
            raise NoAccess(f"{self._http.base_url}: POST /events: {_failed(response)}: check that the collector runs")

    async def recommend(self, user_id: str, k: int, context: Context) -> ShownList:
        """A shopper's list."""
        asked = {"user_id": user_id, "k": k, "context": context.model_dump(include=_PLACE, exclude_none=True)}
        # The header is used for routing and holds UTF-8.
        return _list(await self._answer("POST", "/recommend", json=asked, headers={b"x-recommndr-user": user_id.encode()}))

    async def similar_items(self, user_id: str, item_id: str, k: int) -> ShownList:
        """Items similar to an item, for a shopper who looks at it."""
        named = {b"x-recommndr-user": user_id.encode()}
        return _list(await self._answer("GET", "/similar_items", params={"item_id": item_id, "k": k}, headers=named))

    async def send(self, event: ClientEvent) -> None:
        """Send an event until it is acknowledged."""
        await self._post_events(event.model_dump_json(exclude_none=True).encode(), httpx.codes.ACCEPTED)

    async def send_all(self, events: Sequence[bytes]) -> list[Failed | None]:
        """Send up to 500 events (JSON) and repeat those of unknown outcome; per event None, or why it failed."""
        outcomes: list[Failed | None] = [None] * len(events)
        left = list(range(len(events)))
        pause_s = 0.0
        for _ in range(_TRIES):
            if pause_s:
                await self._sleep(pause_s)
            response = await self._post_events(b"[" + b",".join(events[at] for at in left) + b"]", httpx.codes.MULTI_STATUS)
            results = response.json()["results"]
            for at, result in zip(left, results, strict=True):
                outcomes[at] = None if result["status"] == httpx.codes.ACCEPTED else _refused(result["problem"])
            left = [at for at, result in zip(left, results, strict=True) if result["status"] in _RETRIED]
            pause_s = _pause_s(response)
            if not left:
                break
        return outcomes

    async def put_items(self, items: Sequence[CatalogItem]) -> None:
        """Write up to 1,000 items of the catalogue until they are acknowledged."""
        body = _ITEMS.dump_json(list(items), exclude_none=True)
        await self._write("PUT", "/items", body, httpx.codes.ACCEPTED)

    async def _post_events(self, body: bytes, expected: int) -> httpx.Response:
        return await self._write("POST", "/events", body, expected)

    async def _write(self, method: str, path: str, body: bytes, expected: int) -> httpx.Response:
        outcome: Failed = Failed("not sent")
        pause_s = 0.0
        for _ in range(_TRIES):
            if pause_s:
                await self._sleep(pause_s)
            pause_s = _RETRY_S
            try:
                response = await self._response(method, path, content=body, headers={"content-type": "application/json"})
            except Failed as cause:  # the outcome is unknown; writes are safe to repeat
                outcome = cause
                continue
            if response.status_code == expected:
                return response
            outcome = _failed(response)
            if response.status_code not in _RETRIED:
                break
            pause_s = _pause_s(response)
        raise outcome

    async def _answer(self, method: str, path: str, **request: Any) -> Any:
        response = await self._response(method, path, **request)
        if response.status_code != httpx.codes.OK:
            raise _failed(response)
        return response.json()

    async def _response(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **request)
        except httpx.TransportError as cause:
            raise Failed(
                f"unreachable ({type(cause).__name__})", f"{method} {path}: {cause or type(cause).__name__}"
            ) from cause
        if response.status_code in _ASKED_WITHOUT_KEY:
            raise NoAccess(
                f"{method} {path}: {_failed(response)}: check that the key belongs to a tenant of this "
                "installation and has the scopes read and events. `recommndr key create --tenant NAME` makes a new one"
            )
        return response

    def _cure(self, cause: Failed) -> str:
        if cause.reason.startswith("unreachable"):
            return "is the installation running (`make demo`), and is this the edge (RECOMMNDR_ENVOY_URL)?"
        return "is the tenant served: is there a release of it (`recommndr register`)?"


_PLACE = {"device", "os", "country", "region"}


def _list(answer: dict[str, Any]) -> ShownList:
    return ShownList(
        item_ids=tuple(item["item_id"] for item in answer["items"]),
        request_id=answer["request_id"],
        attribution=answer.get("attribution"),
        ladder=answer["ladder"],
        model_version=answer["model_version"],
    )


def _pause_s(response: httpx.Response) -> float:
    told = response.headers.get("retry-after", "")
    return max(_RETRY_S, float(told)) if told.isdecimal() else _RETRY_S


def _failed(response: httpx.Response) -> Failed:
    try:
        problem = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return Failed(str(response.status_code), f"{response.status_code} {response.text[:200]}")
    if not isinstance(problem, dict):
        return Failed(str(response.status_code), f"{response.status_code} {response.text[:200]}")
    return _refused({"status": response.status_code} | problem)


def _refused(problem: dict[str, Any]) -> Failed:
    """A problem (RFC 9457) as a `Failed`; fields inside a list lose their index, so that there are few reasons."""
    status, field = problem.get("status"), str(problem.get("field") or problem.get("title") or "")
    name = ".".join(part for part in field.split(".") if not part.isdecimal())
    return Failed(f"{status} {name}".strip(), f"{status} {problem.get('detail') or problem.get('title') or ''}".strip())
