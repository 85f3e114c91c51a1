"""A storefront in memory: lists made by a rule, everything that is sent kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from recommndr.events import ClientEvent, Context
from recommndr_simulation import choice
from recommndr_simulation.live.market import Market
from recommndr_simulation.storefront import ShownList
from recommndr_simulation.world import World
from tests.simulation.shops import SMALLEST

WORLD = World.plant(SMALLEST)
MARKET = Market(WORLD)
SHOPPERS = {MARKET.user_id(row): row for row in range(WORLD.shoppers.n_shoppers)}
Order = Callable[[str], list[str]]


def by_planted_liking(user_id: str) -> list[str]:
    """All items, what this shopper likes most of the favourite leaves first; for a stranger as they come."""
    if user_id not in SHOPPERS:
        return MARKET.item_ids
    who = WORLD.shoppers.take(np.array([SHOPPERS[user_id]]))
    items = np.arange(WORLD.catalogue.n_items)
    last_day = np.array([WORLD.calendar.n_days - 1])
    liking = choice.utility(WORLD, who, items[None, :], last_day)[0]
    liking += 3.0 * np.isin(WORLD.catalogue.leaf, who.favourite_leaves[0])
    return [MARKET.item_ids[row] for row in np.argsort(-liking)]


def at_random(seed: int) -> Order:
    rng = np.random.default_rng(seed)
    return lambda _user_id: [MARKET.item_ids[row] for row in rng.permutation(len(MARKET.item_ids))]


@dataclass
class Window:
    """Shows the first k of `order`; the answer's token names the user of the list."""

    order: Order = by_planted_liking
    sent: list[ClientEvent] = field(default_factory=list)
    lists: dict[str, ShownList] = field(default_factory=dict)  # by token

    async def recommend(self, user_id: str, k: int, context: Context) -> ShownList:
        token = f"{user_id}/{len(self.lists)}"
        shown = ShownList(tuple(self.order(user_id)[:k]), token, token, "full", "v1")
        self.lists[token] = shown
        return shown

    async def similar_items(self, user_id: str, item_id: str, k: int) -> ShownList:
        row = MARKET.item_ids.index(item_id)
        alike = np.flatnonzero(WORLD.catalogue.leaf == WORLD.catalogue.leaf[row])
        return ShownList(tuple(MARKET.item_ids[each] for each in alike[:k]), "similar", None, "full", "v1")

    async def send(self, event: ClientEvent) -> None:
        self.sent.append(event)
