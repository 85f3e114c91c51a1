"""The gate: whether a trained version may be served, by its lists of the gate period. Pure: arrays in, a report out.

There are two questions: all items, and items new to the shopper. For each the tuning cut says in which order methods are tried,
and the first one that passes orders the lists. A method is refused when a simple one stands above it outside the 95 % interval,
when it loses to the champion, when its lists lose variety, when a segment of shoppers loses, or when its scores say less.
Differences are paired by shopper. Whether a changed recipe is better somewhere is asked of both questions together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

from recommndr_engine import list_metrics as metrics
from recommndr_engine.pipeline_config import RANKER
from recommndr_training.judging.gate_report import INSTEAD, Check, GateReport
from recommndr_training.questions import ALL, NEW

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


def decide(
    orders: Mapping[str, Sequence[str]],
    found: Mapping[str, Evidence],
    champion: Champion | None = None,
    policy: GatePolicy | None = None,
) -> GateReport:
    """The report of the first method of each question's order that passes; of the first one where none does.

    `found` is by method; all but the ranker are simple ones, which each method is compared with. New items follow all items
    where nobody is asked about them. Raises `ValueError` when two ways were not asked for the same shoppers.
    """
    policy = policy or GatePolicy()
    judged = {question: _first_passed(question, order, found, champion, policy) for question, order in orders.items()}
    checks = [check for each in judged.values() for check in each.checks]
    method = judged[ALL].method
    if champion is not None and not champion.is_refresh:
        shipped = {question: found[each.method] for question, each in judged.items()}
        checks.append(_gain_check(shipped, champion.evidence, policy))
    new = judged[NEW].method if NEW in judged else method
    return GateReport(method, tuple(checks), new_method=new if new != method else None)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A method and what the gate found of it for one question."""

    method: str
    checks: Sequence[Check]

    @property
    def refusals(self) -> list[Check]:
        return [check for check in self.checks if not check.passed]


def _first_passed(
    question: str, order: Sequence[str], found: Mapping[str, Evidence], champion: Champion | None, policy: GatePolicy
) -> _Tried:
    refused: list[_Tried] = []
    for method in order:
        tried = _Tried(method, _checks(question, method, found, champion, policy))
        if not tried.refusals:
            return _Tried(method, [*tried.checks, *(_instead(question, one, method) for one in refused)])
        refused.append(tried)
    return refused[0]


def _instead(question: str, refused: _Tried, shipped: str) -> Check:
    first, *more = refused.refusals
    others = f" ({len(more)} more checks failed)" if more else ""
    finding = (
        f"{shipped} orders lists of {question} items instead of {refused.method}, which is refused: {first.finding}{others}"
    )
    return Check(f"{INSTEAD}.{question}.{refused.method}", True, finding)


def _checks(
    question: str, method: str, found: Mapping[str, Evidence], champion: Champion | None, policy: GatePolicy
) -> list[Check]:
    shipped = found[method]
    simple = [name for name in found if name not in (RANKER, method)]
    checks = [_simple_check(question, name, shipped, found[name], policy) for name in simple]
    if champion is not None:
        checks += [
            _loss_check(question, shipped, champion.evidence, policy),
            *_segment_checks(question, shipped, champion, policy),
        ]
        if question == ALL:
            checks += [*_variety_checks(shipped, champion.evidence, policy), *_rmse_checks(shipped, champion.evidence, policy)]
    return checks


def _simple_check(question: str, name: str, shipped: Evidence, other: Evidence, policy: GatePolicy) -> Check:
    difference = _paired(shipped, other, question)
    low, high = metrics.bootstrap_interval(difference, policy.n_draws)
    return Check(
        f"simple.{question}.{name}",
        high >= 0.0,
        f"{question} items: NDCG@10 minus that of {name} is {difference.mean():+.4f} [{low:+.4f}, {high:+.4f}] "
        f"over {len(difference)} shoppers; refused when all of the interval is below 0",
    )


def _loss_check(question: str, shipped: Evidence, champion: Evidence, policy: GatePolicy) -> Check:
    difference = _paired(shipped, champion, question)
    low, high = metrics.bootstrap_interval(difference, policy.n_draws)
    least = -policy.max_loss * float(champion.ndcg[question].mean())
    figures = f"{difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
    return Check(
        f"champion.{question}.no_loss",
        low > least or bool((difference == 0.0).all()),
        f"{question} items: NDCG@10 minus the champion's is {figures}; the lower end must be above {least:+.4f}",
    )


def _gain_check(shipped: Mapping[str, Evidence], champion: Evidence, policy: GatePolicy) -> Check:
    """`shipped` is the evidence of what ships for each question."""
    differences = [_paired(each, champion, question) for question, each in shipped.items()]
    n_gains = sum(metrics.bootstrap_interval(difference, policy.n_draws)[0] > 0.0 for difference in differences)
    return Check(
        "champion.gain",
        n_gains > 0,
        f"better than the champion outside the interval for {n_gains} of {len(differences)} questions; a changed recipe "
        "must be for one at least",
    )


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


def _segment_checks(question: str, shipped: Evidence, champion: Champion, policy: GatePolicy) -> list[Check]:
    """One-sided tests of "the segment loses no more than allowed", corrected by Holm (1979) at 2.5 %.

    Segments of the other question count as tests that were made too: the error of the whole version stays below 2.5 %.
    """
    judged: list[tuple[float, str, float, int]] = []
    difference = _paired(shipped, champion.evidence, question)
    for name, mask in _large(champion, question, policy).items():
        least = -policy.max_segment_loss * float(champion.evidence.ndcg[question][mask].mean())
        one = difference[mask]
        judged.append((_p_not_below(one, least), f"{question}.{name}", float(one.mean()), len(one)))
    n_tests = sum(len(_large(champion, each, policy)) for each in champion.segments)
    checks, still = [], True
    for place, (p, name, mean, n) in enumerate(sorted(judged)):
        still = still and p < 0.025 / (n_tests - place)
        checks.append(
            Check(
                f"segment.{name}",
                not still,
                f"segment {name}: NDCG@10 minus the champion's is {mean:+.4f} over {n} shoppers "
                f"(p = {p:.4f} that it loses no more than {policy.max_segment_loss:.0%})",
            )
        )
    return checks


def _large(champion: Champion, question: str, policy: GatePolicy) -> dict[str, Mask]:
    """The segments that have enough shoppers to be judged."""
    masks = champion.segments.get(question, {})
    return {name: mask for name, mask in masks.items() if mask.sum() >= policy.min_segment_shoppers}


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
