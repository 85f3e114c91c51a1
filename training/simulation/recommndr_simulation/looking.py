"""The looks of a visit: an item left behind last time, a consumable that is due, and items of its missions' lists."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommndr_simulation import choice
from recommndr_simulation.arrays import Bools, Codes, Doubles, Floats, Ints
from recommndr_simulation.memory import Memory
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.world import World

LOOKS_PER_MISSION = 4
COMES_BACK_FOR_PENDING = 0.35
RESTOCKS = 0.9
FROM_LIST, CAME_BACK, USED_UP = 0, 1, 2
FIRST_FROM_LIST = 2  # order in the visit: looks the shopper came back for are earlier


@dataclass(frozen=True, slots=True)
class Looks:
    """One row per look; a visit has at most one look per item here."""

    visit: Ints
    item: Ints
    value: Floats  # utility of the item for the visitor
    order: Ints  # order in the visit
    why: Codes  # FROM_LIST, CAME_BACK, USED_UP
    position: Ints  # position in the list, -1 = not from a list
    slate: Ints  # row of `Slates`, -1 = not from a list

    def take(self, rows: npt.NDArray[np.integer] | Bools) -> "Looks":
        """Some of the looks."""
        parts: tuple[Any, ...] = (self.visit, self.item, self.value, self.order, self.why, self.position, self.slate)
        return Looks(*(part[rows] for part in parts))


@dataclass(frozen=True, slots=True)
class Slates:
    """One row per shown list: its visit, leaf, and the look it precedes; (S, SLATE_SIZE) items and filled places."""

    visit: Ints
    leaf: Ints
    order: Ints
    items: Ints
    filled: Bools


def look(
    world: World, who: Shoppers, missions: tuple[Ints, Ints], at_s: Doubles, memory: Memory, rng: np.random.Generator
) -> tuple[Looks, Slates]:
    """All looks of one visit of each of `who`; `missions` = leaves and looks, both (n, missions)."""
    day = world.calendar.day_of(at_s)
    browsed, slates = _browse(world, who, missions, day, rng)
    pending = np.flatnonzero((memory.pending >= 0) & (rng.random(len(day)) < COMES_BACK_FOR_PENDING))
    back = _single(world, who, pending, memory.pending[pending], day, CAME_BACK)
    due = memory.due_again(np.arange(len(day)), at_s, world.catalogue)
    needy = np.flatnonzero(due.any(axis=1) & (rng.random(len(day)) < RESTOCKS))
    # Any of the due items, not always the same column.
    column = np.argmax(due[needy] * (1 + rng.random((len(needy), due.shape[1]))), axis=1)
    again = _single(world, who, needy, memory.bought[needy, column], day, USED_UP)
    return _distinct(back, again, browsed, world.catalogue.n_items), slates


def _single(world: World, who: Shoppers, visit: Ints, item: Ints, day: Ints, why: int) -> Looks:
    """One look each at a given item, if it is still on sale."""
    kept = choice.available(world, item, day[visit])
    visit, item = visit[kept], item[kept]
    value = choice.utility(world, who.take(visit), item[:, None], day[visit])[:, 0]
    none = np.full(len(visit), -1, np.int64)
    return Looks(visit, item, value, np.full(len(visit), why - 1), np.full(len(visit), why, np.int8), none, none)


def _browse(
    world: World, who: Shoppers, missions: tuple[Ints, Ints], day: Ints, rng: np.random.Generator
) -> tuple[Looks, Slates]:
    leaves, n_looks = missions
    visit, mission = np.nonzero(n_looks)
    leaf = leaves[visit, mission]
    items, filled = choice.draw_slate(world, leaf, day[visit], rng)
    value = choice.utility(world, who.take(visit), items, day[visit])
    ranked = choice.rank_looks(value + choice.examination(np.arange(items.shape[1])), filled, LOOKS_PER_MISSION, rng)
    wanted = np.arange(LOOKS_PER_MISSION) < n_looks[visit, mission][:, None]
    slate, rank = np.nonzero(wanted & np.take_along_axis(filled, ranked, axis=1))
    position = ranked[slate, rank]
    first = FIRST_FROM_LIST + mission * LOOKS_PER_MISSION
    looks = Looks(
        visit[slate],
        items[slate, position],
        value[slate, position],
        first[slate] + rank,
        np.full(len(slate), FROM_LIST, np.int8),
        position,
        slate,
    )
    return looks, Slates(visit, leaf, first, items, filled)


def _distinct(back: Looks, again: Looks, browsed: Looks, n_items: int) -> Looks:
    parts = (back, again, browsed)
    joined = Looks(*(np.concatenate([getattr(part, name) for part in parts]) for name in Looks.__slots__))
    _, first = np.unique(joined.visit * n_items + joined.item, return_index=True)
    return joined.take(np.sort(first))
