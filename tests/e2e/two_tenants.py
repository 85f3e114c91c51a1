"""Two tenants of one installation with equal ids: what each of them must never see of the other."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from recommndr_native.installation import Installation
from tests.patience import PATIENCE_S, eventually

# Ids that both tenants use.
ITEM, OTHER_ITEM, SHOPPER = "shared-item-1", "shared-item-2", "shared-shopper"


@dataclass(frozen=True)
class Side:
    """One tenant, and a word that only its own data hold."""

    tenant: str
    narrow_key: str  # of its storefront: read and events
    admin_key: str
    canary: str = field(default_factory=lambda: f"canary{secrets.token_hex(8)}")
    own_shopper: str = field(default_factory=lambda: f"own-shopper-{secrets.token_hex(8)}")

    def headers(self, key: str | None = None, user: str | None = SHOPPER) -> dict[str, str]:
        """As its server sends them."""
        found = {"authorization": f"Bearer {key or self.narrow_key}", "x-recommndr-tenant": self.tenant}
        return found if user is None else found | {"x-recommndr-user": user}

    def items(self) -> list[dict[str, Any]]:
        """Its catalogue under the shared ids; every text names the tenant."""
        return [
            {
                "item_id": item_id,
                "title": f"{self.canary} {item_id}",
                "category_path": [f"{self.canary} root", f"{self.canary} leaf"],
                "brand": f"{self.canary} brand",
                "price_minor": 100,
                "currency": "USD",
                "tags": [f"{self.canary} tag"],
                "image_url": f"https://{self.canary}.example/{item_id}.png",
            }
            for item_id in (ITEM, OTHER_ITEM, f"{self.canary}-own")
        ]

    def events(self) -> list[dict[str, Any]]:
        """What the shared shopper did here: with the shared items, and with one that only this tenant has."""
        return [
            {
                "event_id": str(uuid4()),
                "user_id": user,
                "kind": kind,
                "occurred_at": datetime.now(UTC).isoformat(),
                "session_id": f"{self.canary}-session",
                "context": {"page": f"/{self.canary}-page"},
                "lines": [{"item_id": item_id, "quantity": 1}],
            }
            for user in (SHOPPER, self.own_shopper)
            for kind, item_id in (("view", ITEM), ("purchase", f"{self.canary}-own"))
        ]


@dataclass(frozen=True)
class Apart:
    """Both tenants, and a client of the edge without a credential."""

    installation: Installation
    a: Side
    b: Side
    edge: httpx.Client

    @property
    def sides(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """(who looks, whose word must not be seen), both ways round."""
        return (self.a, self.b), (self.b, self.a)

    def ask(self, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
        """One request; where a limit is reached the same again, since these tests are about other refusals."""
        answers: list[httpx.Response] = []

        def not_limited() -> bool:
            answers[:] = [self.edge.request(method, path, headers=headers, **more)]
            return answers[0].status_code != httpx.codes.TOO_MANY_REQUESTS

        eventually(not_limited, f"{method} {path} is below the limits")
        return answers[0]


def side(installation: Installation, tenant: str) -> Side:
    """The tenant with the keys it has."""
    return Side(tenant, installation.keys.server_keys[tenant], installation.keys.admin_keys[tenant])


@contextmanager
def apart(installation: Installation, a: str, b: str) -> Iterator[Apart]:
    """Both tenants filled with data under the same ids, visible to their own side."""
    with httpx.Client(base_url=installation.settings.envoy_url, trust_env=False, timeout=PATIENCE_S) as edge:
        both = Apart(installation, side(installation, a), side(installation, b), edge)
        for one in (both.a, both.b):
            catalogue = both.ask("PUT", "/items", one.headers(one.admin_key, None), json=one.items())
            assert catalogue.status_code == 202, catalogue.text
            events = both.ask("POST", "/events", one.headers(user=None), json=one.events())
            assert {each["status"] for each in events.json()["results"]} == {202}, events.text
        for one in (both.a, both.b):
            page = f"/items/{one.canary}-own"
            eventually(lambda one=one, page=page: both.ask("GET", page, one.headers()).status_code == 200, f"{page} is there")
        yield both
