"""Rules `load` and `slot`: whether the version is loaded, and its process runs."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown


def load(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the slot refuses the version, or takes too long to warm up; one that restarts later has its time again."""
    arm = evidence.judged
    if arm.refusal is not None:
        return Finding("failing", f"slot {arm.slot} refuses the version: {arm.refusal}", at_once=True)
    if arm.is_loaded:
        return Finding("healthy", f"slot {arm.slot} has loaded the version")
    told = f"slot {arm.slot} has not loaded the version after {evidence.phase_s:.0f} s, limit {rule.limit:.0f} s"
    is_late = evidence.is_warming and evidence.phase_s > rule.limit
    return checked(False, told, evidence.phase_s, at_once=True) if is_late else unknown(told)


def slot(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the process is gone for a while, or starts again and again."""
    arm = evidence.judged
    if arm.is_up is None:
        return unknown(f"monitoring does not say whether slot {arm.slot} runs")
    if not arm.is_up:
        return Finding("failing", f"slot {arm.slot} does not answer for 20 s", at_once=True)
    told = f"slot {arm.slot} runs, with {arm.restarts:.0f} restarts in 5 min, limit {rule.limit:.0f}"
    return checked(arm.restarts <= rule.limit, told, arm.restarts, at_once=True)
