"""How far what the ranker sees in an hour is from the same hours of earlier weeks. Pure.

The shopper is the unit, as between arms: one candidate of one answer each. Comparing with the same hours of the week leaves
out what hours and days do. What retrievers score depends on the bundle, so it is compared only while all answers are of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recommndr.drift.between_arms import Names, is_of
from recommndr.drift.distances import Floats, apart

MIN_SHOPPERS = 500  # of the hour, and of the earlier hours together
MIN_OF_A_WEEK = 100
MIN_WEEKS = 2


class Seen(NamedTuple):
    """What the rankers of one version saw: shoppers as rows, (n, n columns of the version)."""

    version: str
    names: Names
    inputs: Floats


Hour = Sequence[Seen]  # of one hour; several versions if a release moved in it


class Weeks(NamedTuple):
    """Shoppers of the hour and of earlier weeks, with the ranker columns that all of them have."""

    columns: tuple[str, ...]
    now: Floats
    before: Floats
    n_weeks: int


@dataclass(frozen=True, slots=True)
class WeekDrift:
    """Distances of the hour from those of earlier weeks, by ranker column."""

    n_shoppers: int
    n_weeks: int
    psi: Mapping[str, float]
    ks: Mapping[str, float]

    @property
    def furthest(self) -> list[str]:
        """The columns, by the larger of their distances, largest first."""
        return sorted(self.psi, key=lambda name: (-max(self.psi[name], self.ks[name]), name))


def weeks(now: Hour, earlier: Sequence[Hour]) -> Weeks | None:
    """The hour beside those of earlier weeks; None while there are too few shoppers or weeks."""
    before = [hour for hour in earlier if _n_of(hour) >= MIN_OF_A_WEEK]
    together = [seen for hour in before for seen in hour]
    if min(_n_of(now), _n_of(together)) < MIN_SHOPPERS or len(before) < MIN_WEEKS:
        return None
    columns = _common([*now, *together])
    return Weeks(columns, _of_columns(now, columns), _of_columns(together, columns), len(before)) if columns else None


def drift_of(compared: Weeks) -> WeekDrift:
    """Their distances."""
    distances = apart(compared.now, compared.before)
    psi, ks = (dict(zip(compared.columns, found.tolist(), strict=True)) for found in distances)
    return WeekDrift(len(compared.now), compared.n_weeks, psi, ks)


def _n_of(hour: Hour) -> int:
    return sum(len(seen.inputs) for seen in hour)


def _common(all_seen: Sequence[Seen]) -> tuple[str, ...]:
    retrievers = {name for seen in all_seen for name in seen.names.retrievers}
    is_one_version = len({seen.version for seen in all_seen}) == 1
    shared = set.intersection(*(set(seen.names.columns) for seen in all_seen))
    first = all_seen[0].names.columns
    return tuple(name for name in first if name in shared and (is_one_version or not is_of(name, retrievers)))


def _of_columns(hour: Hour, columns: Sequence[str]) -> Floats:
    parts = []
    for seen in hour:
        place_of = {name: place for place, name in enumerate(seen.names.columns)}
        parts.append(seen.inputs[:, [place_of[name] for name in columns]])
    return np.concatenate(parts)
