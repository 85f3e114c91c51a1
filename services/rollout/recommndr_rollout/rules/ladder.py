"""Rule `ladder`: whether more answers are degraded than in the slot beside."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Arm, Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown


def ladder(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the share of full answers is lower by more than the limit. A fault of both slots is nobody's release."""
    arm, beside = evidence.judged, evidence.beside
    if beside is None or min(arm.traffic.lists, beside.traffic.lists) < rule.min_samples:
        return unknown(
            f"{arm.traffic.lists:.0f} lists in 5 min; {rule.min_samples} in each slot say something about the ladder"
        )
    lower = _full(beside) - _full(arm)
    told = f"{_full(arm):.1%} of the lists are full, {_full(beside):.1%} beside it; limit {rule.limit:.0%} lower"
    return checked(lower <= rule.limit, told, lower)


def _full(arm: Arm) -> float:
    return arm.traffic.full / arm.traffic.lists
