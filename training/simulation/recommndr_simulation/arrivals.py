"""When shoppers come: the first visit, the number of later visits, and their times.

Some visits continue an earlier one later that day or the next (Taobao's median pause between sessions is 6 hours). The others
are spread between the first visit and the close, more on busy days, so that neither a shopper's rate nor the shop's changes
over time. The hours of the day follow RetailRocket.
"""

from dataclasses import dataclass

import numpy as np

from recommndr_simulation.arrays import Doubles, Ints
from recommndr_simulation.calendar import DAY_S, draw_second_of_day
from recommndr_simulation.places import HOURS_AHEAD
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.world import World

_SOON = 0.4  # share of returns that follow another visit within hours or a day
_MAX_VISITS = 250
_SESSION_S = 3_600.0
_ONCE_RATE = 0.1  # a shopper with one visit returns at this low rate


@dataclass(frozen=True, slots=True)
class Visits:
    """V visits ordered by (shopper, time)."""

    shopper: Ints
    at_s: Doubles
    turn: Ints  # 0 = the shopper's first visit in the simulated time

    def __len__(self) -> int:
        return len(self.shopper)


def expected_returns(who: Shoppers) -> float:
    """Mean over shoppers of the factor that multiplies visits per shopper, see `draw_visits`."""
    return float((who.rate.astype(np.float64) * (1 - who.arrives)).mean())


def draw_visits(world: World, who: Shoppers, mean_returns: float, rng: np.random.Generator) -> Visits:
    """The visits of all of `who`; `mean_returns` = how often a shopper of rate 1 returns in the whole simulated time."""
    left = 1 - who.arrives.astype(np.float64)
    count = 1 + np.minimum(rng.poisson(mean_returns * who.rate * left), _MAX_VISITS - 1)
    shopper = np.repeat(np.arange(who.n_shoppers), count)
    start = np.cumsum(count) - count
    day, second = _anchors(world, who, shopper, start, rng)
    # A quick return follows the latest drawn visit of the same shopper that is not a quick return itself.
    soon = rng.random(len(shopper)) < _SOON
    soon[start] = False
    base = np.maximum.accumulate(np.where(soon, 0, np.arange(len(shopper))))
    day = np.where(soon, day[base] + (second < second[base] + _SESSION_S), day)
    at_s = world.profile.start_s + np.minimum(day, world.calendar.n_days - 1) * DAY_S + second
    order = np.lexsort((at_s, shopper))
    return Visits(shopper, at_s[order], np.arange(len(shopper)) - start[shopper])


def _anchors(world: World, who: Shoppers, shopper: Ints, start: Ints, rng: np.random.Generator) -> tuple[Ints, Doubles]:
    """Day and second of the day of independent visits."""
    arrives = who.arrives[shopper].astype(np.float64)
    share = arrives + (1 - arrives) * rng.random(len(shopper))
    new = who.arrives > 0
    share[start[new]] = arrives[start[new]]
    busy = np.cumsum(world.calendar.day_weight)
    day = np.minimum(np.searchsorted(busy, share), world.calendar.n_days - 1)
    return day, draw_second_of_day(len(shopper), HOURS_AHEAD[who.country[shopper]], rng)


def draw_returning(world: World, n: int, rng: np.random.Generator) -> Ints:
    """(n,) rows of shoppers for the next visits of live traffic, drawn in proportion to how often they come."""
    chance = _ONCE_RATE + world.shoppers.rate.astype(np.float64)
    rows: Ints = rng.choice(world.shoppers.n_shoppers, n, p=chance / chance.sum())
    return rows
