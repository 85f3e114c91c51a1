"""Days of a simulated shop: lists that shoppers see, click, put into carts and buy from, with what goes wrong on the way."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from making import TENANT, raw

from recommndr import events
from recommndr.attribution import Attribution, digest, sign, user_hash
from recommndr.events import Event, Sender
from recommndr_flink_jobs.route import Raw

BEGAN = datetime(2026, 3, 9, tzinfo=UTC)
N_DAYS = 5
_LISTS = ("recommend", "similar_items", "popular")
_KEY = b"k" * 32


@dataclass(slots=True)
class ShopDays:
    """Makes events in the order in which the collector received them."""

    seed: int
    n_shoppers: int
    _random: random.Random = field(init=False)
    _number: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def history(self, n_events: int) -> list[Event]:
        """At least `n_events` events of `N_DAYS` days, sorted by when they were received."""
        made: list[Event] = []
        while len(made) < n_events:
            made += self._visit()
        return sorted(made, key=lambda event: event.received_at)

    def _visit(self) -> Iterator[Event]:
        """One list for one shopper, and what follows from it."""
        draw = self._random
        user, at = f"u{draw.randrange(self.n_shoppers)}", BEGAN + timedelta(seconds=draw.uniform(0, N_DAYS * 86_400 - 7_200))
        items = [f"i{draw.randrange(400)}" for _ in range(10)]
        self._number += 1
        arm, day = draw.choice(("stable", "challenger")), (at - BEGAN).days
        given = Attribution(
            TENANT, user_hash(TENANT, user), f"r{self._number}", f"v{day // 3}", arm, draw.choice(_LISTS), int(at.timestamp()),
            digest(items),
        )  # fmt: skip
        token = sign(given, "k1", _KEY)
        yield self._event("impression", user, items, at, token)
        for item in draw.sample(items, draw.randrange(4)):
            clicked = at + timedelta(seconds=draw.uniform(1, 600))
            yield self._event("click", user, [item], clicked, token)
            yield self._event("view", user, [item], clicked + timedelta(seconds=1), token)
            if draw.random() < 0.4:
                yield self._event("add_to_cart", user, [item], clicked + timedelta(seconds=20), token)
            if draw.random() < 0.3:
                sender: Sender = "browser" if draw.random() < 0.1 else "server"
                bought = [item, f"i{draw.randrange(400)}"]
                yield self._event("purchase", user, bought, clicked + timedelta(hours=draw.uniform(0, 30)), None, sender)
        if draw.random() < 0.1:
            yield self._event(draw.choice(("like", "dislike")), user, items[:1], at, token)
        if draw.random() < 0.02:
            yield self._event("click", user, ["never listed"], at, token)

    def _event(
        self, kind: str, user: str, items: list[str], at: datetime, token: str | None, sender: Sender = "server"
    ) -> Event:
        self._number += 1
        lines = [
            {"item_id": item, "price_minor": 100 + 7 * int(item[1:3]), "currency": "EUR"} for item in items if item[1].isdigit()
        ]
        client = events.CLIENT_EVENT.validate_python(
            {
                "kind": kind,
                "event_id": str(UUID(int=self._number)),
                "user_id": user,
                "occurred_at": at,
                "lines": lines or [{"item_id": item} for item in items],
                "attribution": token,
            }
        )
        delay_s = self._random.choice((0.1, 0.5, 2.0)) if self._random.random() < 0.97 else self._random.uniform(60, 100_000)
        return events.stamp(client, TENANT, at + timedelta(seconds=delay_s), sender)


def delivered(history: list[Event], n_partitions: int = 8) -> list[Raw]:
    """The history in Kafka, one event in twenty twice, as the job reads it."""
    offsets = [0] * n_partitions
    records = []
    for number, one in enumerate(history):
        partition = hash_of(one.user_id) % n_partitions
        for _ in range(1 + (number % 20 == 0)):
            records.append(raw(one, offsets[partition], partition))
            offsets[partition] += 1
    return records


def hash_of(user: str) -> int:
    """The same in every process."""
    return int(user[1:])
