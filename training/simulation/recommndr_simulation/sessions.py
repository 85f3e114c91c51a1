"""One visit each of many shoppers at once: intent, looks, carts, orders, and what is remembered.

Live traffic needs only `plan` and the functions of `choice`. `play` combines them for the shop's own pages, without
recommendations.
"""

from dataclasses import dataclass

import numpy as np

from recommndr_simulation import choice
from recommndr_simulation.arrays import Bools, Doubles, Ints
from recommndr_simulation.buying import check_out, fill_cart, remember
from recommndr_simulation.choice import BROWSE, COMPARE, TARGET
from recommndr_simulation.looking import LOOKS_PER_MISSION, look
from recommndr_simulation.memory import Memory
from recommndr_simulation.moves import MoveTable, moves_of
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.world import World

MAX_MISSIONS = 8
# Share of visits that intend to buy; new shoppers often have a wish (RetailRocket: 64 % of first purchases are in the first
# visit).
URGE_SHARE, _FIRST_VISIT_URGE, MOST_URGENT = 0.042, 16.0, 0.75
SHARE_TARGET = 0.6
_SHARE_ONLY_THE_THING = 0.4  # shoppers who come for one item and look at nothing else
# Looks per visit: one, plus a log-normal number (RetailRocket's visits: mean 1.5; Taobao's: 6, 31 % of them one event).
_SHARE_ONE_LOOK, _MORE_MEDIAN, _MORE_SIGMA = 0.47, 2.3, 0.95
_COMPARE_MEDIAN, _COMPARE_SIGMA = 6.5, 0.7
_AFTER_MISSION = (0.4, 0.7)  # cumulative: the same leaf again; then a complement; else another leaf


@dataclass(frozen=True, slots=True)
class Plan:
    """Plans of n visits; `leaves` (n, MAX_MISSIONS) and `looks` (n, MAX_MISSIONS), 0 looks = no such mission."""

    intent: Ints
    leaves: Ints
    looks: Ints


def plan(world: World, who: Shoppers, at_s: Doubles, first_visit: Bools, rng: np.random.Generator) -> Plan:
    """Draw the plan of one visit of each of `who`, starting at `at_s`."""
    n = len(at_s)
    urge = np.minimum(URGE_SHARE * who.urge * np.where(first_visit, _FIRST_VISIT_URGE, 1.0), MOST_URGENT)
    drawn = rng.random(n)
    intent = np.where(drawn < urge * SHARE_TARGET, TARGET, np.where(drawn < urge, COMPARE, BROWSE))
    n_looks = _n_looks(intent, rng)
    started = np.arange(MAX_MISSIONS) * LOOKS_PER_MISSION
    looks = np.clip(n_looks[:, None] - started, 0, LOOKS_PER_MISSION)
    day = world.calendar.day_of(at_s)
    leaves = np.zeros((n, MAX_MISSIONS), np.int64)
    leaves[:, 0] = choice.draw_leaf(world, who, day, rng)
    for mission in range(1, MAX_MISSIONS):
        rows = np.flatnonzero(looks[:, mission])
        if len(rows) == 0:
            break
        leaves[rows, mission] = _next_leaf(world, who.take(rows), leaves[rows, mission - 1], day[rows], rng)
    return Plan(intent, leaves, looks)


def _n_looks(intent: Ints, rng: np.random.Generator) -> Ints:
    n = len(intent)
    noise = rng.normal(size=n)
    browsing = np.where(rng.random(n) < _SHARE_ONE_LOOK, 1, 2 + _MORE_MEDIAN * np.exp(_MORE_SIGMA * noise) - 0.5)
    comparing = 2 + _COMPARE_MEDIAN * np.exp(_COMPARE_SIGMA * noise)
    aiming = np.where(rng.random(n) < _SHARE_ONLY_THE_THING, 1, 2 + _COMPARE_MEDIAN * np.exp(_COMPARE_SIGMA * noise))
    looks = np.select([intent == TARGET, intent == COMPARE], [aiming, comparing], browsing)
    whole: Ints = np.minimum(looks, LOOKS_PER_MISSION * MAX_MISSIONS).astype(np.int64)
    return whole


def _next_leaf(world: World, who: Shoppers, leaf: Ints, day: Ints, rng: np.random.Generator) -> Ints:
    goods = world.catalogue
    drawn = rng.random(len(leaf))
    beside = goods.leaf_complements[leaf, rng.integers(0, goods.leaf_complements.shape[1], len(leaf))]
    fresh = choice.draw_leaf(world, who, day, rng)
    following: Ints = np.where(drawn < _AFTER_MISSION[0], leaf, np.where(drawn < _AFTER_MISSION[1], beside, fresh))
    return following


def play(world: World, who: Shoppers, at_s: Doubles, first_visit: Bools, memory: Memory, rng: np.random.Generator) -> MoveTable:
    """Simulate one visit of each of `who` on the shop's own pages; updates `memory` (of the same shoppers)."""
    planned = plan(world, who, at_s, first_visit, rng)
    looks, slates = look(world, who, (planned.leaves, planned.looks), at_s, memory, rng)
    cart = fill_cart(who, planned.intent, at_s, looks, memory, rng)
    orders = check_out(world, who, at_s, looks, cart, rng)
    remember(world, at_s, (looks, cart, orders), memory, rng)
    return moves_of(world, who, slates, (looks, cart, orders), rng)
