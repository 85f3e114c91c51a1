"""When people shop: days, hours, seasons, promotions.

Hours, weekdays and the conversion by hour and weekday follow RetailRocket (UTC; that shop is about six hours behind).
The season lies between two sources that contradict each other: RetailRocket's days differ by 19 %, Online Retail's November has
2.3 times a normal month's lines.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from recommndr_simulation.arrays import Doubles, Floats, Ints
from recommndr_simulation.catalogue import Catalogue
from recommndr_simulation.profile import SimProfile
from recommndr_simulation.vocabulary import DEPARTMENTS

DAY_S = 86_400.0
_STREAM = 2
# RetailRocket, share of views per UTC hour and weekday (Monday first), and transactions per 100 views there.
HOUR_SHARE = np.array(
    [5.2, 5.1, 5.3, 5.5, 5.4, 4.4, 2.8, 1.6, 0.9, 0.7, 0.6, 0.7, 1.2, 1.9, 3.0, 4.7, 5.8, 6.5, 6.5, 6.6, 6.8, 6.7, 6.4, 5.8]
)
HOUR_CONVERSION = np.array(
    [0.80, 0.76, 0.71, 0.57, 0.52, 0.64, 0.64, 0.65, 0.43, 0.40, 0.36, 0.42,
     0.34, 0.43, 0.57, 0.91, 1.04, 1.16, 1.09, 1.07, 1.00, 1.03, 0.94, 0.85]
)  # fmt: skip
WEEKDAY_SHARE = np.array([15.9, 16.2, 15.6, 15.2, 13.8, 11.1, 12.2])
WEEKDAY_CONVERSION = np.array([0.91, 0.92, 1.00, 0.93, 0.80, 0.61, 0.61])
# Share of a normal day's visits around holidays, by the (month, day) from which it applies.
_FEASTS = (((1, 2), 1.0), ((11, 1), 1.08), ((11, 24), 1.4), ((12, 2), 1.22), ((12, 20), 0.95), ((12, 25), 0.75))
_DAILY_SIGMA = 0.06
_PROMOTION_EVERY_DAYS = 4
_PROMOTION_DAYS = (3, 8)
_DISCOUNTS = np.array([0.1, 0.15, 0.2, 0.3])


@dataclass(frozen=True, slots=True)
class Calendar:
    """D days from opening; L leaves, P departments."""

    day_weight: Doubles  # (D,), sums to 1: share of visits on each day
    leaf_season: Floats  # (D, L), about 1
    leaf_end: Doubles  # (D, L): cumulative demand of leaves on a day; day d covers (d, d + 1]
    discount: Floats  # (D, P): price reduction of promotable items of a department, as a share
    start_s: Doubles  # (1,) epoch seconds of the opening

    @property
    def n_days(self) -> int:
        """D."""
        return len(self.day_weight)

    def day_of(self, at_s: Doubles) -> Ints:
        """Day of instants, 0 .. D - 1; instants outside count as the first or last day."""
        days = np.floor((at_s - self.start_s[0]) / DAY_S).astype(np.int64)
        inside: Ints = np.clip(days, 0, self.n_days - 1)
        return inside


def plant_calendar(profile: SimProfile, catalogue: Catalogue) -> Calendar:
    """Draw a calendar; the same for the same profile."""
    rng = profile.rng(_STREAM)
    days = [profile.since + timedelta(days=day) for day in range(profile.days)]
    shape = np.array([WEEKDAY_SHARE[day.weekday()] * _feast(day) for day in days])
    weight = shape * np.exp(rng.normal(0, _DAILY_SIGMA, len(days)))
    day_of_year = np.array([day.timetuple().tm_yday for day in days])[:, None]
    season = np.exp(catalogue.leaf_swing * np.cos(2 * np.pi * (day_of_year - catalogue.leaf_peak_day) / 365.25))
    demand = catalogue.leaf_weight * season
    end = np.minimum(np.cumsum(demand / demand.sum(axis=1, keepdims=True), axis=1), 1.0)
    end[:, -1] = 1.0
    return Calendar(
        day_weight=weight / weight.sum(),
        leaf_season=season.astype(np.float32),
        leaf_end=end + np.arange(len(days))[:, None],
        discount=_promotions(days, rng),
        start_s=np.array([profile.start_s]),
    )


def _feast(day: datetime) -> float:
    held = [share for (month, first), share in _FEASTS if datetime(day.year, month, first, tzinfo=UTC) <= day]
    return held[-1] if held else 1.0


def _promotions(days: list[datetime], rng: np.random.Generator) -> Floats:
    discount = np.zeros((len(days), len(DEPARTMENTS)), np.float32)
    for start in range(0, len(days), _PROMOTION_EVERY_DAYS):
        department = rng.integers(len(DEPARTMENTS))
        length = rng.integers(*_PROMOTION_DAYS)
        part = discount[start : start + length, department]
        np.maximum(part, rng.choice(_DISCOUNTS), out=part)
    for row, day in enumerate(days):  # the long weekend at the end of November, in all departments
        if (day.month == 11 and day.day >= 27) or (day.month, day.day) == (12, 1):
            discount[row] = np.maximum(discount[row], 0.2)
    return discount


def clock_logit(at_s: Doubles, hours_ahead: Ints) -> Floats:
    """Log-odds added for the hour and weekday: people buy more readily at some times.

    The hour is that of the home country's clock: a shopper six hours ahead behaves at 20:00 UTC as one at home at 02:00.
    """
    local_s = at_s + hours_ahead * 3_600.0
    hour = (local_s // 3_600).astype(np.int64) % 24
    weekday = (np.floor(local_s / DAY_S).astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    effect: Floats = (_HOUR_LOGIT[hour] + _WEEKDAY_LOGIT[weekday]).astype(np.float32)
    return effect


_HOUR_LOGIT = np.log(HOUR_CONVERSION / np.average(HOUR_CONVERSION, weights=HOUR_SHARE))
_WEEKDAY_LOGIT = np.log(WEEKDAY_CONVERSION / np.average(WEEKDAY_CONVERSION, weights=WEEKDAY_SHARE))


def draw_second_of_day(n: int, hours_ahead: Ints, rng: np.random.Generator) -> Doubles:
    """Seconds after midnight UTC of visits of shoppers who live `hours_ahead` (n,) of the home country."""
    hour = rng.choice(24, n, p=HOUR_SHARE / HOUR_SHARE.sum()) - hours_ahead
    seconds: Doubles = (hour % 24) * 3_600.0 + rng.uniform(0, 3_600, n)
    return seconds
