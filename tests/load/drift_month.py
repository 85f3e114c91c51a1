"""How often the drift alerts fire in a month in which nothing drifts, with windows judged every 15 s (slots) or 5 min (weeks).

    python -m tests.load.drift_month [--months 1] [--every-15s-days 1] [--columns 113]

The windows, distances and mixes are those of the exporter; their content is drawn. It is the worst case: as few shoppers as are
judged at all, and as many continuous columns as a bundle has, all independent. Columns that follow each other, or have few
values, stay nearer. A real shop's weeks also differ by themselves: that is not in here.
"""

import argparse
import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from recommndr.drift import weeks
from recommndr.drift.between_arms import Names, beside, drift_of
from recommndr.drift.mixes import MIN_SHOPPERS, mix_drift
from recommndr.drift.slices import N_SLICES, SLICE_S
from recommndr.drift.weeks import Seen
from recommndr.drift.window import ArmWindow, Drawn

_MONTH_S = 30 * 86_400
_LIMITS = (0.1, 0.15, 0.2, 0.25, 0.5)
_BLOCK_S = 3_600.0  # as long as a window, so that the largest of each are nearly independent
_ARM = 500  # shoppers of an arm in an hour: fewer are not judged
_N_WEEKS = 4


class Look(NamedTuple):
    """What a rule sees at an instant."""

    at_s: float
    distance: float


Draw = Callable[[np.random.Generator, int, float, float], Iterator[Look]]


def slots(random: np.random.Generator, n_columns: int, every_s: float, lasts_s: float) -> Iterator[Look]:
    """The furthest column of two arms that are alike, by the exporter's windows."""
    names = {version: Names(tuple(f"c{n}" for n in range(n_columns)), ()) for version in ("v1", "v2")}
    arms, user, per_slice = [ArmWindow(version, n_columns) for version in names], 0, 1.15 * _ARM / N_SLICES
    for at_s in np.arange(every_s, lasts_s, every_s):
        for arm in arms:
            for _ in range(random.poisson(per_slice * every_s / SLICE_S)):
                inputs = random.standard_normal(n_columns, np.float32)
                arm.add(Drawn(f"u{user}", float(at_s), inputs, float(inputs[0]), 1.0))
                user += 1
            arm.forget(float(at_s))
        found = beside(arms[0], arms[1], names)
        if found is not None and len(found.stable.scores) >= _ARM:
            drift = drift_of(found)
            yield Look(float(at_s), max(*drift.psi.values(), *drift.ks.values()))


def of_weeks(random: np.random.Generator, n_columns: int, every_s: float, lasts_s: float) -> Iterator[Look]:
    """The furthest column of an hour from the same hours of four weeks, as few shoppers as are judged."""
    names, n_parts = Names(tuple(f"c{n}" for n in range(n_columns)), ()), round(3_600 / every_s)
    n_new = -(-weeks.MIN_SHOPPERS // n_parts)

    def drawn() -> np.ndarray:
        return random.standard_normal((n_new, n_columns), np.float32)

    hours = [deque([drawn() for _ in range(n_parts)], maxlen=n_parts) for _ in range(1 + _N_WEEKS)]
    for at_s in np.arange(every_s, lasts_s, every_s):
        for hour in hours:
            hour.append(drawn())
        now, *earlier = ([Seen("v1", names, np.concatenate(hour))] for hour in hours)
        compared = weeks.weeks(now, earlier)
        assert compared is not None
        drift = weeks.drift_of(compared)
        yield Look(float(at_s), max(*drift.psi.values(), *drift.ks.values()))


def of_mixes(random: np.random.Generator, _n: int, every_s: float, lasts_s: float) -> Iterator[Look]:
    """The furthest of five mixes: 40 countries, 3 devices, 12 kinds, and two shares of unknown ones."""
    shares = [
        1.0 / np.arange(1, 41),
        np.array([0.6, 0.35, 0.05]),
        1.0 / np.arange(1, 13),
        np.array([0.8, 0.2]),
        np.array([0.97, 0.03]),
    ]
    n_parts = round(3_600 / every_s)
    n_new = -(-MIN_SHOPPERS // n_parts)

    def drawn() -> list[np.ndarray]:
        return [random.multinomial(n_new, one / one.sum()) for one in shares]

    hours = [deque([drawn() for _ in range(n_parts)], maxlen=n_parts) for _ in range(1 + _N_WEEKS)]
    for at_s in np.arange(every_s, lasts_s, every_s):
        for hour in hours:
            hour.append(drawn())
        furthest = 0.0
        for place in range(len(shares)):
            now, *earlier = (np.sum([part[place] for part in hour], axis=0) for hour in hours)
            found = mix_drift(*(Counter({str(n): int(x) for n, x in enumerate(one)}) for one in (now, sum(earlier))))
            assert found is not None
            furthest = max(furthest, found.psi)
        yield Look(float(at_s), furthest)


def alarms(looks: Sequence[Look], limit: float, for_s: float) -> int:
    """How often the distance was above the limit for so long at a stretch, as an alert with `for` counts it."""
    n, since_s, is_firing = 0, None, False
    for look in looks:
        if look.distance <= limit:
            since_s, is_firing = None, False
            continue
        since_s = look.at_s if since_s is None else since_s
        if not is_firing and look.at_s - since_s >= for_s:
            n, is_firing = n + 1, True
    return n


def expected(looks: Sequence[Look], limit: float) -> float:
    """Blocks a month whose largest distance is above the limit, by the Gumbel distribution of the largest of each hour."""
    largest: dict[int, float] = {}
    for look in looks:
        block = int(look.at_s // _BLOCK_S)
        largest[block] = max(largest.get(block, 0.0), look.distance)
    values = np.array(list(largest.values()))
    scale = float(values.std(ddof=1)) * np.sqrt(6) / np.pi
    place = float(values.mean()) - 0.5772 * scale
    return float(_MONTH_S / _BLOCK_S * -np.expm1(-np.exp(-(limit - place) / scale)))


def told(looks: Sequence[Look], limit: float, for_s: float) -> dict[str, object]:
    distances, months = np.array([look.distance for look in looks]), looks[-1].at_s / _MONTH_S
    return {
        "looks": len(looks),
        "median": round(float(np.median(distances)), 3),
        "99%": round(float(np.quantile(distances, 0.99)), 3),
        "largest": round(float(distances.max()), 3),
        "alarms a month": {one: round(alarms(looks, one, for_s) / months, 2) for one in _LIMITS},
        f"expected a month above {limit}": f"{expected(looks, limit):.1e}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=float, default=1.0)
    parser.add_argument("--every-15s-days", type=float, default=1.0)
    parser.add_argument("--columns", type=int, default=113)
    asked = parser.parse_args()
    month_s, days_s = asked.months * _MONTH_S, asked.every_15s_days * 86_400
    runs: list[tuple[str, Draw, float, float, float, float]] = [
        ("SlotsDrift, every 15 s", slots, 15.0, days_s, 0.5, 60.0),
        ("SlotsDrift, every 5 min", slots, 300.0, month_s, 0.5, 0.0),
        ("WeeksDrift, every 5 min", of_weeks, 300.0, month_s, 0.5, 1_200.0),
        ("MixDrift, every 5 min", of_mixes, 300.0, month_s, 0.25, 1_200.0),
    ]
    for number, (name, draw, every_s, lasts_s, limit, for_s) in enumerate(runs):
        looks = list(draw(np.random.default_rng(number), asked.columns, every_s, lasts_s))
        print(json.dumps({name: told(looks, limit, for_s)}), flush=True)


if __name__ == "__main__":
    main()
