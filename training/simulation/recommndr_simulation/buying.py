"""Which items go into carts, which carts become orders, and what shoppers remember."""

from dataclasses import dataclass

import numpy as np

from recommndr_simulation import choice
from recommndr_simulation.arrays import Bools, Doubles, Ints
from recommndr_simulation.choice import BROWSE, COMPARE, TARGET
from recommndr_simulation.looking import CAME_BACK, FIRST_FROM_LIST, FROM_LIST, USED_UP, Looks
from recommndr_simulation.memory import Memory
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.world import World

PENDING_UTILITY = 1.5  # added to the utility of an item the shopper came back for
RESTOCK_CARTED = 0.85
REMOVED = 0.06
PARTNER_BOUGHT = 0.08
SEVERAL = 0.12  # share of lines of consumables with more than one piece
LEFT_BEHIND = 0.35  # chance that a liked item is remembered for the next visit
PARTNER_IN_MIND = 0.3


@dataclass(frozen=True, slots=True)
class Cart:
    """Per look: whether it is put into the cart now, is in the cart (perhaps since an earlier visit), was taken out again."""

    put: Bools
    inside: Bools
    removed: Bools
    intent: Ints  # per visit


@dataclass(frozen=True, slots=True)
class Orders:
    """One row per order line; `added` marks complements that were put into the cart at the checkout."""

    visit: Ints
    item: Ints
    quantity: Ints
    added: Bools


def fill_cart(who: Shoppers, intent: Ints, at_s: Doubles, looks: Looks, memory: Memory, rng: np.random.Generator) -> Cart:
    """Decide for each look whether the item goes into the cart."""
    n = len(looks.visit)
    came_back, used_up = looks.why == CAME_BACK, looks.why == USED_UP
    # A shopper who comes for one item wants that one; later looks are comparisons.
    meant = intent[looks.visit]
    aside = (meant == TARGET) & (looks.order != FIRST_FROM_LIST)
    meant = np.where(aside | (came_back & (meant == BROWSE)), COMPARE, meant)
    value = looks.value + np.float32(PENDING_UTILITY) * came_back
    chance = choice.cart_probability(who.take(looks.visit), value, meant, at_s[looks.visit])
    chance = np.where(used_up, RESTOCK_CARTED, chance)
    lay_there = came_back & memory.in_cart[looks.visit]
    put = (rng.random(n) < chance) & ~lay_there
    removed = (put | lay_there) & (rng.random(n) < REMOVED)
    inside = (put | lay_there) & ~removed
    # A shopper who came for an item and took it intends to buy.
    decided = np.unique(looks.visit[inside & (looks.why != FROM_LIST)])
    settled = intent.copy()
    settled[decided] = TARGET
    return Cart(put, inside, removed, settled)


def check_out(world: World, who: Shoppers, at_s: Doubles, looks: Looks, cart: Cart, rng: np.random.Generator) -> Orders:
    """Decide which visits with a cart end in an order; a line's complement is sometimes bought with it."""
    n_visits = len(at_s)
    buys = rng.random(n_visits) < choice.order_probability(who, cart.intent, at_s)
    rows = np.flatnonzero(cart.inside & buys[looks.visit])
    visit, item = looks.visit[rows], looks.item[rows]
    partner = world.catalogue.partner[item].astype(np.int64)
    with_it = rng.random(len(rows)) < PARTNER_BOUGHT
    with_it &= choice.available(world, partner, world.calendar.day_of(at_s[visit]))
    visits = np.concatenate((visit, visit[with_it]))
    items = np.concatenate((item, partner[with_it]))
    added = np.arange(len(visits)) >= len(rows)
    _, first = np.unique(visits * world.catalogue.n_items + items, return_index=True)
    first.sort()
    visits, items, added = visits[first], items[first], added[first]
    uses_up = world.catalogue.leaf_days_again[world.catalogue.leaf[items]] > 0
    several = uses_up & (rng.random(len(items)) < SEVERAL)
    return Orders(visits, items, 1 + several * rng.geometric(0.6, len(items)), added)


def remember(
    world: World,
    at_s: Doubles,
    seen: tuple[Looks, Cart, Orders],
    memory: Memory,
    rng: np.random.Generator,
) -> None:
    """Update the memory of each visit's shopper."""
    looks, cart, orders = seen
    _remember_purchases(orders, at_s, memory)
    ordered = np.zeros(len(at_s), bool)
    ordered[orders.visit] = True
    _remember_liked(looks, memory, rng)
    left = cart.inside & ~ordered[looks.visit]
    memory.pending[looks.visit[left]] = looks.item[left]
    memory.in_cart[looks.visit[left]] = True
    # A complement of a bought item may be remembered for the next visit.
    memory.pending[orders.visit] = np.where(
        rng.random(len(orders.visit)) < PARTNER_IN_MIND, world.catalogue.partner[orders.item], -1
    )
    memory.in_cart[orders.visit] = False


def _remember_liked(looks: Looks, memory: Memory, rng: np.random.Generator) -> None:
    """The best liked look of a visit may be remembered, unless the cart still holds something."""
    order = np.lexsort((looks.value, looks.visit))
    visit = looks.visit[order]
    best = order[np.flatnonzero(np.diff(visit, append=-1))]
    best = best[~memory.in_cart[looks.visit[best]]]
    stays = rng.random(len(best)) < LEFT_BEHIND
    memory.pending[looks.visit[best]] = np.where(stays, looks.item[best], -1)


def _remember_purchases(orders: Orders, at_s: Doubles, memory: Memory) -> None:
    order = np.argsort(orders.visit, kind="stable")
    visit = orders.visit[order]
    turn = np.arange(len(visit)) - np.searchsorted(visit, visit)
    for rank in range(int(turn.max(initial=-1)) + 1):
        rows = order[turn == rank]
        memory.buy(orders.visit[rows], orders.item[rows], at_s[orders.visit[rows]])
