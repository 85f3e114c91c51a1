"""A shop's server as a client of the edge: one key; sends catalogue and events, requests recommendations."""

import http.client
import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit
from uuid import UUID, uuid4

from recommndr.catalog import CatalogItem
from recommndr.events import ClientInteraction, Line
from recommndr.identity import UserId

_TIMEOUT_S = 20.0
_TRIES = 5
_RETRY_S = 0.5


class Refused(RuntimeError):
    """The platform refused a request; the message has status and body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A recommendation, how it was made, and how long the request took."""

    item_ids: tuple[str, ...]
    ladder: str
    model_version: str | None
    n_events: int  # stored events of the shopper; 0 for an unknown shopper
    took_s: float
    attribution: str | None = None  # token to send with what the shopper does with the list


def purchase(user_id: str, lines: Sequence[Line], occurred_at: datetime | None = None) -> ClientInteraction:
    """A purchase that happens now, unless an instant is given."""
    return ClientInteraction(
        kind="purchase",
        event_id=uuid4(),
        user_id=UserId(user_id),
        occurred_at=occurred_at or datetime.now(UTC),
        lines=tuple(lines),
    )


def _connection(edge: SplitResult, trust: ssl.SSLContext | None) -> http.client.HTTPConnection:
    host = edge.hostname or ""
    if edge.scheme == "https":
        return http.client.HTTPSConnection(host, edge.port, timeout=_TIMEOUT_S, context=trust)
    return http.client.HTTPConnection(host, edge.port, timeout=_TIMEOUT_S)


class Shop:
    """One connection to the edge, kept open; not for use by several threads."""

    def __init__(self, edge_url: str, tenant: str, server_key: str, trust: ssl.SSLContext | None = None) -> None:
        self._connection = _connection(urlsplit(edge_url), trust)
        self._headers = {
            "authorization": f"Bearer {server_key}",
            "content-type": "application/json",
            "x-recommndr-tenant": tenant,
        }

    def put_items(self, items: Sequence[CatalogItem]) -> None:
        """Write up to 1,000 items."""
        self._write("PUT", "/items", [item.model_dump(mode="json", exclude_none=True) for item in items])

    def set_available(self, item_id: str, available: bool) -> None:
        """Set whether an item is in stock."""
        self._write("PATCH", f"/items/{quote(item_id, safe='')}/availability", {"available": available})

    def send(self, event: ClientInteraction) -> UUID:
        """Send an event until it is acknowledged; repeats the same event_id if the outcome is unknown."""
        self._write("POST", "/events", event.model_dump(mode="json", exclude_none=True))
        return event.event_id

    def recommend(self, user_id: str, k: int = 10) -> Answer:
        """The user's list; raises `Refused`."""
        body = json.dumps({"user_id": user_id, "k": k})
        began_s = time.perf_counter()
        status, content = self._ask("POST", "/recommend", body, {"x-recommndr-user": user_id})
        took_s = time.perf_counter() - began_s
        if status != http.client.OK:
            raise Refused(f"POST /recommend for {user_id!r}: {status} {content[:300].decode(errors='replace')}")
        answer = json.loads(content)
        stored = answer["user_profile"]["stored"]
        return Answer(
            item_ids=tuple(item["item_id"] for item in answer["items"]),
            ladder=answer["ladder"],
            model_version=answer["model_version"],
            n_events=stored["n_events"] if stored else 0,
            took_s=took_s,
            attribution=answer["attribution"],
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _write(self, method: str, path: str, body: Any) -> None:
        encoded = json.dumps(body)
        for _ in range(_TRIES):
            status, content = self._ask(method, path, encoded, {})
            if status == http.client.ACCEPTED:
                return
            if status != http.client.SERVICE_UNAVAILABLE:
                break
            time.sleep(_RETRY_S)  # the outcome is unknown; writes are safe to repeat
        raise Refused(f"{method} {path}: {status} {content[:300].decode(errors='replace')}")

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        try:
            return self._once(method, path, body, headers)
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()  # the server may have closed an idle connection
            return self._once(method, path, body, headers)

    def _once(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, path, body.encode(), self._headers | headers)
        response = self._connection.getresponse()
        return response.status, response.read()
