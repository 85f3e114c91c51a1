"""The gate: whether a trained version may be served, by its lists of the gate period. Pure: arrays in, a report out.

A version is refused when a simple method stands above it outside the 95 % interval, when it loses to the champion, when its
lists lose variety, when a segment of shoppers loses, or when its scores say less. Differences are paired by shopper. Without
shoppers to judge by only popularity passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from math import erfc, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from recommndr_engine import list_metrics as metrics

REPORT_FILE = "gate.json"  # in a bundle
NOT_JUDGED = "not_judged"
FEW_JUDGED = "few_judged"
_NOTES = (NOT_JUDGED, FEW_JUDGED)  # checks that always pass: what to know of the decision
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """How much may be lost. Shares are of the champion's figure; the limits are those of the platform's design."""

    max_loss: float = 0.02  # lower end of the interval of NDCG@10
    max_segment_loss: float = 0.03  # upper end of the corrected interval of a segment's NDCG@10
    min_segment_shoppers: int = 200
    min_variety: float = 0.9  # coverage, diversity, novelty
    max_rmse_growth: float = 0.05
    n_draws: int = 2_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one way to answer did in the gate period; all ways were asked for the same shoppers in the same order."""

    ndcg: Mapping[str, Floats]  # by question (all, new): (n_shoppers,) NDCG@10
    variety: Mapping[str, float] = field(default_factory=dict)  # coverage, diversity, novelty of the question "all"
    rmse: float | None = None  # of its probabilities; None: it gives none


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that serves now, by its recipe trained at the same cut."""

    evidence: Evidence
    segments: Mapping[str, Mapping[str, Mask]] = field(default_factory=dict)  # by question and name: (n_shoppers,) who is in it
    is_refresh: bool = False  # the challenger has the same recipe and newer data: it need not be better


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the gate looked at."""

    name: str
    passed: bool
    finding: str  # one sentence with the figures


@dataclass(frozen=True, slots=True)
class GateReport:
    """The decision and what it rests on."""

    method: str
    checks: tuple[Check, ...]
    judged_at: str | None = None  # the cut: the recipe was fitted on what was known before it
    learnt_until: str | None = None  # the models that ship have learnt up to here

    @property
    def passed(self) -> bool:
        """Whether the version may be served."""
        return all(check.passed for check in self.checks)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why not, one sentence each."""
        return tuple(check.finding for check in self.checks if not check.passed)

    def summary(self) -> str:
        """The decision for people: one line, and one for each refusal.

        >>> GateReport("als", (Check("rmse", True, "RMSE is 0.4"),)).summary()
        'gate: passed, lists are ordered by als'
        """
        notes = "".join(f"; {check.finding}" for check in self.checks if check.name in _NOTES)
        if self.passed:
            return f"gate: passed, lists are ordered by {self.method}{self._when()}{notes}"
        head = f"gate: refused; figures of {self.method}{self._when()}{notes}:"
        return "\n".join([head, *(f"- {finding}" for finding in self.refusals)])

    def _when(self) -> str:
        if self.judged_at is None or self.learnt_until is None:
            return ""
        return f" (recipe judged at {self.judged_at}; learnt until {self.learnt_until})"

    def with_checks(self, more: Sequence[Check]) -> "GateReport":
        """The same decision with more to it."""
        return replace(self, checks=(*self.checks, *more))

    def noted(self, few: str | None) -> "GateReport":
        """The same decision with the note that it rests on few shoppers, if it does."""
        return self.with_checks([Check(FEW_JUDGED, True, few)]) if few else self

    def to_json(self) -> dict[str, Any]:
        """The report as it lies in the bundle."""
        return asdict(self) | {"passed": self.passed}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "GateReport":
        """What `to_json` gave; raises `KeyError` or `TypeError` for something else."""
        checks = tuple(Check(**check) for check in values["checks"])
        return cls(values["method"], checks, values.get("judged_at"), values.get("learnt_until"))


def unjudged(method: str, why: str) -> GateReport:
    """The report where too few shoppers came back in the gate period: `method`, the simplest one, passes."""
    return GateReport(method, (Check(NOT_JUDGED, True, why),))


def first_passed(
    methods: Sequence[str],
    found: Mapping[str, Evidence],
    simple: Mapping[str, Evidence],
    policy: GatePolicy | None = None,
    champion: Champion | None = None,
) -> GateReport:
    """The report of the first of `methods` that passes; of the first one when none does."""
    reports = (
        decide(method, found[method], {name: each for name, each in simple.items() if name != method}, champion, policy)
        for method in methods
    )
    first = next(reports)
    return next((report for report in chain([first], reports) if report.passed), first)


def decide(
    method: str,
    shipped: Evidence,
    simple: Mapping[str, Evidence],
    champion: Champion | None = None,
    policy: GatePolicy | None = None,
) -> GateReport:
    """Judge the version that answers by `method`, by each simple method and, where there is one, by the champion.

    Raises `ValueError` when two ways were not asked for the same shoppers.
    """
    policy = policy or GatePolicy()
    checks = [_simple_check(question, name, shipped, simple[name], policy) for question in shipped.ndcg for name in simple]
    if champion is not None:
        checks += _champion_checks(shipped, champion, policy)
        checks += _variety_checks(shipped, champion.evidence, policy)
        checks += _segment_checks(shipped, champion, policy)
        checks += _rmse_checks(shipped, champion.evidence, policy)
    return GateReport(method, tuple(checks))


def _simple_check(question: str, name: str, shipped: Evidence, other: Evidence, policy: GatePolicy) -> Check:
    difference = _paired(shipped, other, question)
    low, high = metrics.bootstrap_interval(difference, policy.n_draws)
    return Check(
        f"simple.{question}.{name}",
        high >= 0.0,
        f"{question} items: NDCG@10 minus that of {name} is {difference.mean():+.4f} [{low:+.4f}, {high:+.4f}] "
        f"over {len(difference)} shoppers; refused when all of the interval is below 0",
    )


def _champion_checks(shipped: Evidence, champion: Champion, policy: GatePolicy) -> list[Check]:
    checks, gains = [], []
    for question in shipped.ndcg:
        difference = _paired(shipped, champion.evidence, question)
        low, high = metrics.bootstrap_interval(difference, policy.n_draws)
        least = -policy.max_loss * float(champion.evidence.ndcg[question].mean())
        gains.append(low > 0.0)
        figures = f"{difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
        checks.append(
            Check(
                f"champion.{question}.no_loss",
                low > least or bool((difference == 0.0).all()),
                f"{question} items: NDCG@10 minus the champion's is {figures}; the lower end must be above {least:+.4f}",
            )
        )
    if not champion.is_refresh:
        checks.append(
            Check(
                "champion.gain",
                any(gains),
                f"better than the champion outside the interval for {sum(gains)} of {len(gains)} questions; a changed recipe "
                "must be for one at least",
            )
        )
    return checks


def _variety_checks(shipped: Evidence, champion: Evidence, policy: GatePolicy) -> list[Check]:
    return [
        Check(
            f"variety.{name}",
            shipped.variety[name] >= policy.min_variety * before,
            f"{name} is {shipped.variety[name]:.4f}, the champion's {before:.4f}; "
            f"it must be {policy.min_variety:.0%} of that at least",
        )
        for name, before in champion.variety.items()
    ]


def _segment_checks(shipped: Evidence, champion: Champion, policy: GatePolicy) -> list[Check]:
    """One-sided tests of "the segment loses no more than allowed", corrected by Holm (1979) at 2.5 %."""
    judged: list[tuple[float, str, float, int]] = []
    for question, masks in champion.segments.items():
        difference = _paired(shipped, champion.evidence, question)
        for name, mask in masks.items():
            n = int(mask.sum())
            if n < policy.min_segment_shoppers:
                continue
            least = -policy.max_segment_loss * float(champion.evidence.ndcg[question][mask].mean())
            judged.append((_p_not_below(difference[mask], least), f"{question}.{name}", float(difference[mask].mean()), n))
    checks, still = [], True
    for place, (p, name, mean, n) in enumerate(sorted(judged)):
        still = still and p < 0.025 / (len(judged) - place)
        checks.append(
            Check(
                f"segment.{name}",
                not still,
                f"segment {name}: NDCG@10 minus the champion's is {mean:+.4f} over {n} shoppers "
                f"(p = {p:.4f} that it loses no more than {policy.max_segment_loss:.0%})",
            )
        )
    return checks


def _p_not_below(difference: Floats, least: float) -> float:
    """One-sided p-value of "the mean is at least `least`" by the normal approximation, fair from 200 shoppers on."""
    mean, error = float(difference.mean()), float(difference.std(ddof=1)) / sqrt(len(difference))
    if error == 0.0:
        return 0.0 if mean < least else 1.0
    return 0.5 * erfc((mean - least) / error / -sqrt(2.0))


def _rmse_checks(shipped: Evidence, champion: Evidence, policy: GatePolicy) -> list[Check]:
    if shipped.rmse is None or champion.rmse is None:
        return []
    most = (1.0 + policy.max_rmse_growth) * champion.rmse
    return [
        Check(
            "rmse",
            shipped.rmse <= most,
            f"RMSE is {shipped.rmse:.4f}, the champion's {champion.rmse:.4f}; it may be {most:.4f} at most",
        )
    ]


def _paired(shipped: Evidence, other: Evidence, question: str) -> Floats:
    ours, theirs = shipped.ndcg[question], other.ndcg[question]
    if len(ours) != len(theirs):
        raise ValueError(f"question {question}: {len(ours)} and {len(theirs)} shoppers: expected the same ones")
    difference: Floats = ours - theirs
    return difference
