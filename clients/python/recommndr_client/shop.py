"""Carries out calls over HTTP, in threads (`Shop`) and on an event loop (`AsyncShop`)."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from recommndr_client.api_types import EventOutcome
from recommndr_client.calls import Answer, Call
from recommndr_client.delivery import Delivery
from recommndr_client.errors import Refused, Unavailable, problem_of

TIMEOUT_S = 2.0  # a page should not wait longer for a list
EVENTS_TIMEOUT_S = 8.0
_PAUSE_S = 1.0
_SERVER_ERROR = 500
_CLIENT_ERROR = 400
_TOO_MANY = 429


def tenant_of(key: str) -> str:
    """The shop of a server key; raises `ValueError` for another text.

    >>> tenant_of("rk_grocer_c2VjcmV0")
    'grocer'
    """
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != "rk" or not parts[1]:
        raise ValueError("key: expected a server key of the form rk_<tenant>_<secret>")
    return parts[1]


class _Requests:
    """What both kinds of shop send and read."""

    def __init__(self, url: str, key: str) -> None:
        self.base_url = url.rstrip("/")
        self.headers = {"authorization": f"Bearer {key}", "x-recommndr-tenant": tenant_of(key)}

    def of(self, call: Call[Any], timeout_s: float) -> dict[str, Any]:
        """Arguments of httpx."""
        query = {name: value for name, value in call.query.items() if value is not None}
        named = {} if call.user_id is None else {b"x-recommndr-user": call.user_id.encode()}
        headers = {name.encode(): value.encode() for name, value in self.headers.items()} | named
        sent = {} if call.body is None else {"json": call.body}
        return {
            "method": call.method,
            "url": f"{self.base_url}{call.path}",
            "params": query,
            "headers": headers,
            "timeout": timeout_s,
            **sent,
        }


def _read(response: httpx.Response) -> Any:
    """The answer; raises `Refused` or `Unavailable`."""
    if response.status_code >= _SERVER_ERROR or response.status_code == _TOO_MANY:
        raise Unavailable(f"{response.status_code} from {response.url}", _retry_after_s(response.headers))
    body = _json(response)
    if response.status_code >= _CLIENT_ERROR:
        raise Refused(response.status_code, problem_of(response.status_code, body))
    if body is None:
        raise Unavailable(f"{response.url} answers no JSON")
    return body


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    wish = headers.get("retry-after", "")
    return float(wish) if wish.isdigit() else None


def _events(batch: list[dict[str, Any]]) -> Call[Any]:
    return Call("POST", "/events", batch)


class Shop:
    """A shop's server, for threads; a context manager. `key` is a server key."""

    def __init__(
        self, url: str, key: str, client: httpx.Client | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._requests, self._client, self._sleep = _Requests(url, key), client or httpx.Client(), sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, call: Call[Answer], timeout_s: float = TIMEOUT_S) -> Answer:
        """The answer of a call; raises `Refused` or `Unavailable`."""
        try:
            answer: Answer = _read(self._client.request(**self._requests.of(call, timeout_s)))
        except httpx.HTTPError as cause:
            raise Unavailable(repr(cause)) from cause
        return answer

    def send(self, events: Iterable[Mapping[str, Any]]) -> list[EventOutcome]:
        """Send events, again where it helps; returns those that were refused. Raises `Refused`, or `Unavailable` at last."""
        delivery = Delivery(events)
        while batch := delivery.next():
            try:
                if delivery.took(self.ask(_events(batch), EVENTS_TIMEOUT_S)):
                    self._sleep(_PAUSE_S)
            except Unavailable as cause:
                if not delivery.failed():
                    raise
                self._sleep(cause.retry_after_s or _PAUSE_S)
        return delivery.refused


class AsyncShop:
    """A shop's server, for an event loop; an async context manager. `key` is a server key."""

    def __init__(self, url: str, key: str, client: httpx.AsyncClient | None = None) -> None:
        self._requests, self._client = _Requests(url, key), client or httpx.AsyncClient()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(self, call: Call[Answer], timeout_s: float = TIMEOUT_S) -> Answer:
        """See `Shop.ask`."""
        try:
            answer: Answer = _read(await self._client.request(**self._requests.of(call, timeout_s)))
        except httpx.HTTPError as cause:
            raise Unavailable(repr(cause)) from cause
        return answer

    async def send(self, events: Iterable[Mapping[str, Any]]) -> list[EventOutcome]:
        """See `Shop.send`."""
        delivery = Delivery(events)
        while batch := delivery.next():
            try:
                if delivery.took(await self.ask(_events(batch), EVENTS_TIMEOUT_S)):
                    await asyncio.sleep(_PAUSE_S)
            except Unavailable as cause:
                if not delivery.failed():
                    raise
                await asyncio.sleep(cause.retry_after_s or _PAUSE_S)
        return delivery.refused
