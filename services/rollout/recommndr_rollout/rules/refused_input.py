"""Rule `input`: whether the slot refuses more requests than the one beside."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown


def refused_input(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the share of 4xx answers is higher by more than the limit."""
    arm, beside = evidence.judged.traffic, evidence.beside.traffic if evidence.beside else None
    if beside is None or min(arm.requests, beside.requests) < rule.min_samples:
        return unknown(f"{arm.requests:.0f} requests in 5 min; {rule.min_samples} in each slot say something about refusals")
    ours, theirs = arm.refused / arm.requests, beside.refused / beside.requests
    told = f"{ours:.1%} of the requests were refused, {theirs:.1%} beside; limit {rule.limit:.0%} more"
    return checked(ours - theirs <= rule.limit, told, ours - theirs)
