"""Rule `latency`: how long 95 % of the answers take."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Arm, Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown

# A challenger that takes this many times as long as the slot beside it is slow by itself.
_SLOWER = 1.2


def latency(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the 95 % quantile of five minutes is above the limit, and clearly above that of the slot beside.

    A busy machine or a slow store makes both slots slow: that is nobody's release, so it is not known whether the challenger is
    slow, and the release waits.
    """
    arm = evidence.judged
    if arm.p95_s is None or arm.traffic.requests < rule.min_samples:
        return unknown(f"{arm.traffic.requests:.0f} requests in 5 min; {rule.min_samples} say something about latency")
    told = f"95 % of {arm.traffic.requests:.0f} requests in 5 min took up to {1e3 * arm.p95_s:.0f} ms"
    limit = f"limit {1e3 * rule.limit:.0f} ms"
    beside_s = _p95_s(evidence.beside, rule)
    if beside_s is None:
        return checked(arm.p95_s <= rule.limit, f"{told}, {limit}", arm.p95_s)
    if rule.limit < arm.p95_s <= _SLOWER * beside_s:
        return unknown(f"{told}, {1e3 * beside_s:.0f} ms beside it: both slots are slow, {limit}")
    return checked(arm.p95_s <= rule.limit, f"{told}, {1e3 * beside_s:.0f} ms beside it, {limit}", arm.p95_s)


def _p95_s(beside: Arm | None, rule: Rule) -> float | None:
    return None if beside is None or beside.traffic.requests < rule.min_samples else beside.p95_s
