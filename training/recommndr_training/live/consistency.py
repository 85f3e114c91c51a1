"""Compares ranker inputs that were logged with those that a replay gives for the same instants, column by column.

The replay is told twice: with all that the shop knew at the instant, and with what it knew some seconds before. An event takes
about a second to the slots, so a logged value between the two is as it should be. Arithmetic of the same numbers in another
order may differ in the last digits. What differs by more is a fault: training would learn from other numbers than are served.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommndr.served_answer import Floats

_RELATIVE, _ABSOLUTE = 1e-4, 1e-5
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Compared:
    """The inputs of one drawn candidate; (n columns,) each."""

    request_id: str
    columns: tuple[str, ...]
    logged: Floats
    known: Floats  # replayed with all that was known at the instant
    before: Floats  # and with what was known some seconds before


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How one column compares."""

    name: str
    n: int
    exact: float  # share that is equal in every bit
    differing: float  # share that is neither equal nor between the two replays
    largest: float  # largest distance of a logged value to the nearer of the two; infinite where only one of them is known
    request_id: str  # where that was


def report(compared: Sequence[Compared]) -> list[ColumnReport]:
    """Each column's report, the worst first. Bundles may have different columns."""
    names = dict.fromkeys(name for one in compared for name in one.columns)
    reports = [_of_column(name, [one for one in compared if name in one.columns]) for name in names]
    return sorted(reports, key=lambda one: (-one.differing, -one.largest, one.exact, one.name))


def _of_column(name: str, compared: Sequence[Compared]) -> ColumnReport:
    places = [one.columns.index(name) for one in compared]
    logged, known, before = (
        np.array([getattr(one, which)[place] for one, place in zip(compared, places, strict=True)], np.float64)
        for which in ("logged", "known", "before")
    )
    distance = np.minimum(_distance(logged, known), _distance(logged, before))
    distance[_between(logged, known, before)] = 0.0
    allowed = _ABSOLUTE + _RELATIVE * np.nan_to_num(np.abs(logged), nan=0.0, posinf=0.0)
    worst = int(np.argmax(distance))
    return ColumnReport(
        name=name,
        n=len(compared),
        exact=float(np.mean(_same(logged, known))),
        differing=float(np.mean(distance > allowed)),
        largest=float(distance[worst]),
        request_id=compared[worst].request_id,
    )


def _same(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> Mask:
    same: Mask = (a == b) | (np.isnan(a) & np.isnan(b))
    return same


def _distance(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        distance = np.where(_same(a, b), 0.0, np.abs(a - b))
    return np.where(np.isnan(distance), np.inf, distance)  # one of them is unknown


def _between(value: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> Mask:
    between: Mask = (np.fmin(a, b) <= value) & (value <= np.fmax(a, b)) & ~np.isnan(a) & ~np.isnan(b)
    return between


@dataclass(frozen=True, slots=True)
class Consistency:
    """The report of a tenant, as its file and the exporter have it."""

    tenant: str
    at_s: float  # when it was made
    n_answers: int  # compared
    n_left_out: int  # not compared, because the replay does not have the candidate
    n_in_flight: int  # not compared, because the shopper had done something just before
    columns: Sequence[ColumnReport]

    @property
    def differing(self) -> float:
        """Share of differing values in the worst column; 0 without any."""
        return max((one.differing for one in self.columns), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """As a file has it; infinite distances are null."""
        columns = [
            {
                "name": one.name,
                "n": one.n,
                "exact": one.exact,
                "differing": one.differing,
                "largest": one.largest if np.isfinite(one.largest) else None,
                "request_id": one.request_id,
            }
            for one in self.columns
        ]
        facts = {"tenant": self.tenant, "at_s": self.at_s, "n_answers": self.n_answers, "n_left_out": self.n_left_out}
        facts |= {"n_in_flight": self.n_in_flight}
        return facts | {"differing": self.differing, "columns": columns}
