"""When shoppers come: the first visit, how many more, and at what times.

Returns are close together more often than far apart (log-normal gaps; Taobao's median is 6 hours, RetailRocket's loyal
visitors spread 4.8 visits over 50 days), then moved to busier days nearby and to the hours of RetailRocket's day.
"""

from dataclasses import dataclass

import numpy as np

from recommndr_training.simulation.arrays import Doubles, Ints
from recommndr_training.simulation.calendar import DAY_S, draw_second_of_day
from recommndr_training.simulation.places import HOURS_AHEAD
from recommndr_training.simulation.shoppers import Shoppers
from recommndr_training.simulation.world import World

_GAP_MEDIAN_DAYS, _GAP_SIGMA = 2.0, 1.7
_MOVED_BY_DAYS = np.arange(-2, 3)
_MAX_VISITS = 250


@dataclass(frozen=True, slots=True)
class Visits:
    """V visits ordered by (shopper, time)."""

    shopper: Ints
    at_s: Doubles
    turn: Ints  # 0 = the shopper's first in the simulated time

    def __len__(self) -> int:
        return len(self.shopper)


def expected_returns(who: Shoppers) -> float:
    """Mean over shoppers of what multiplies the visits per shopper, see `draw_visits`."""
    return float((who.rate.astype(np.float64) * (1 - who.arrives)).mean())


def draw_visits(world: World, who: Shoppers, mean_returns: float, rng: np.random.Generator) -> Visits:
    """The visits of all of `who`; `mean_returns` = how often a shopper of rate 1 returns in the whole simulated time."""
    n, n_days = who.n_shoppers, world.calendar.n_days
    left = 1 - who.arrives.astype(np.float64)
    count = 1 + np.minimum(rng.poisson(mean_returns * who.rate * left), _MAX_VISITS - 1)
    shopper = np.repeat(np.arange(n), count)
    start = np.cumsum(count) - count
    first_day = _first_day(world, who, rng)
    gap = np.exp(rng.normal(np.log(_GAP_MEDIAN_DAYS), _GAP_SIGMA, len(shopper)))
    gap[start] = 0.0
    since_first = np.cumsum(gap)
    since_first -= since_first[start][shopper]
    # What does not fit before the end is squeezed, so that the number of visits stays what was drawn.
    span = np.maximum(n_days - 1e-3 - first_day, 1e-3)
    length = since_first[start + count - 1]
    day = first_day[shopper] + since_first * np.minimum(1.0, span / np.maximum(length, 1e-9))[shopper]
    day_number = np.minimum(day, n_days - 1).astype(np.int64)
    day_number = np.maximum(_moved(day_number, world.calendar.day_weight, rng), first_day[shopper].astype(np.int64))
    second = draw_second_of_day(len(shopper), HOURS_AHEAD[who.country[shopper]], rng)
    at_s = world.profile.start_s + day_number * DAY_S + second
    order = np.lexsort((at_s, shopper))
    return Visits(shopper, at_s[order], np.arange(len(shopper)) - start[shopper])


def _first_day(world: World, who: Shoppers, rng: np.random.Generator) -> Doubles:
    """Those who were there before come first some time within their usual gap; the others on days as busy as they are."""
    days = np.cumsum(world.calendar.day_weight)
    arrives = np.searchsorted(days, np.minimum(who.arrives, 0.999999)) + rng.random(who.n_shoppers)
    usual_gap_days = 12.0 / np.maximum(who.rate, 0.1)
    known = np.minimum(rng.exponential(usual_gap_days), rng.uniform(0, world.calendar.n_days, who.n_shoppers))
    return np.where(who.arrives > 0, np.minimum(arrives, world.calendar.n_days - 1), known)


def _moved(day: Ints, weight: Doubles, rng: np.random.Generator) -> Ints:
    """Each day replaced by one within two days of it, as likely as it is busy."""
    near = np.clip(np.arange(len(weight))[:, None] + _MOVED_BY_DAYS, 0, len(weight) - 1)  # (D, 5)
    chance = np.cumsum(weight[near], axis=1)
    place = (chance[day] < rng.random(len(day))[:, None] * chance[day, -1:]).sum(axis=1)
    moved: Ints = near[day, place]
    return moved
