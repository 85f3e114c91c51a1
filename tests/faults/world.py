"""Faults of the world, which are no version's fault."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

from recommndr.catalog import CatalogItem
from recommndr.events import ClientInteraction, Line
from recommndr.identity import UserId
from recommndr_native.go_live import fill_catalogue
from tests.e2e.observed import kept_away
from tests.faults.trial import Running

_AWAY_S = 30.0
_SEEN_S = 30.0  # the judge looks every few seconds
_N_CAMPAIGN, _N_PROMOTED = 2_000, 30
_WRONG_BY = 100


def monitoring_away(running: Running) -> None:
    """Prometheus dies again and again for a while."""
    _away(running, "prometheus")


def redis_restarts(running: Running) -> None:
    """Redis dies once and comes back with what it had."""
    running.installation.kill("redis")
    running.installation.wait_ready(["redis"])
    time.sleep(_SEEN_S)


def campaign(running: Running) -> None:
    """Everybody looks at the same few items."""
    items = running.live.items()[:_N_PROMOTED]
    with closing(running.live.shop()) as shop:
        for number in range(_N_CAMPAIGN):
            item = items[number % len(items)]
            shop.send(_view(f"campaign-{number // 2}", item.item_id))
    time.sleep(_SEEN_S)


def wrong_prices(running: Running) -> None:
    """An import multiplies all prices; the right ones come back afterwards."""
    items = running.live.items()
    with closing(running.live.shop()) as shop:
        fill_catalogue(shop, list(_dearer(items)))
        time.sleep(_SEEN_S)
        fill_catalogue(shop, items)


def _away(running: Running, name: str) -> None:
    until_s = time.monotonic() + _AWAY_S
    kept_away(running.installation, name, lambda: time.monotonic() > until_s)
    running.installation.wait_ready([name])


def _dearer(items: Sequence[CatalogItem]) -> Iterator[CatalogItem]:
    for item in items:
        price = item.price_minor
        yield item if price is None else item.model_copy(update={"price_minor": price * _WRONG_BY})


def _view(user_id: str, item_id: str) -> ClientInteraction:
    return ClientInteraction(
        kind="view", event_id=uuid4(), user_id=UserId(user_id), occurred_at=datetime.now(UTC), lines=(Line(item_id=item_id),)
    )
