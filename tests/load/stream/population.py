"""Shoppers and what they do: a shop with 60,000 items, shoppers with many purchases, views of the items that many view."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np

N_ITEMS = 60_000
_BOUGHT, _VIEWED = 150, 60  # by each shopper before the load starts
_KINDS = ("view", "view", "view", "view", "click", "add_to_cart", "impression", "purchase")


def item_id(number: int) -> str:
    """As a grocer's: seven digits."""
    return str(1_000_000 + number)


def event(user_id: str, kind: str, items: Sequence[int]) -> dict[str, object]:
    """An event that happens now."""
    return {
        "kind": kind,
        "event_id": str(uuid4()),
        "user_id": user_id,
        "occurred_at": datetime.now(UTC).isoformat(),
        "context": {"device": "phone", "os": "android", "country": "DE"},
        "lines": [{"item_id": item_id(number), "quantity": 1, "price_minor": 499, "currency": "EUR"} for number in items],
    }


def body(events: Sequence[dict[str, object]]) -> bytes:
    """One event, or a list of them."""
    return json.dumps(events[0] if len(events) == 1 else events).encode()


class Population:
    """`n_shoppers` shoppers; a shopper is as often active as any other, an item the more the lower its number."""

    def __init__(self, n_shoppers: int, seed: int = 1) -> None:
        self.user_ids = [f"load-{number}" for number in range(n_shoppers)]
        self._chance = random.Random(seed)
        self._items = np.random.default_rng(seed)

    def history(self) -> Iterator[dict[str, object]]:
        """What each shopper did before the load."""
        for user_id in self.user_ids:
            yield event(user_id, "purchase", self._chance.sample(range(N_ITEMS), _BOUGHT))
            yield event(user_id, "view", self._chance.sample(range(N_ITEMS), _VIEWED))

    def events(self, n: int) -> list[dict[str, object]]:
        """Of one line each, by random shoppers; one of eight is a purchase."""
        popular = (N_ITEMS * self._items.random(n) ** 3).astype(int).tolist()
        chance = self._chance
        return [event(chance.choice(self.user_ids), chance.choice(_KINDS), (number,)) for number in popular]
