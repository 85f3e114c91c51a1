"""Rules `memory` and `processor`: whether the slot's process takes more than the one beside."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown

_STEADY_S = 60.0  # a process that has just loaded a version still grows


def memory(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the process grew by more than the other one did, plus the limit, since the step began."""
    arm, beside = evidence.judged, evidence.beside
    if arm.memory_growth is None or evidence.phase_s < _STEADY_S:
        return unknown(f"the step is {evidence.phase_s:.0f} s old; {_STEADY_S:.0f} s say something about memory")
    others = 1.0 if beside is None or beside.memory_growth is None else beside.memory_growth
    told = f"slot {arm.slot} has {arm.memory_growth:.2f} times the memory since the step began, {others:.2f} beside it"
    return checked(arm.memory_growth - others <= rule.limit, f"{told}; limit {rule.limit:.0%} more", arm.memory_growth)


def processor(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when a request takes more processor time than beside, by more than the limit."""
    arm, beside = evidence.judged, evidence.beside
    if beside is None or min(arm.traffic.requests, beside.traffic.requests) < rule.min_samples:
        return unknown(
            f"{arm.traffic.requests:.0f} requests in 5 min; {rule.min_samples} in each slot say something about processor time"
        )
    ours, theirs = arm.processor_s_per_request, beside.processor_s_per_request
    if ours is None or theirs is None or theirs <= 0.0:
        return unknown("monitoring does not say how much processor time the slots take")
    more = ours / theirs - 1.0
    told = f"a request takes {1e3 * ours:.1f} ms of processor time, {1e3 * theirs:.1f} ms beside; limit {rule.limit:.0%} more"
    return checked(more <= rule.limit, told, more)
