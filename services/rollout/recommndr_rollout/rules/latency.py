"""Rule `latency`: how long 95 % of the answers take."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown


def latency(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the 95 % quantile of five minutes is above the limit."""
    arm = evidence.judged
    if arm.p95_s is None or arm.traffic.requests < rule.min_samples:
        return unknown(f"{arm.traffic.requests:.0f} requests in 5 min; {rule.min_samples} say something about latency")
    told = f"95 % of {arm.traffic.requests:.0f} requests in 5 min took up to {1e3 * arm.p95_s:.0f} ms"
    return checked(arm.p95_s <= rule.limit, f"{told}, limit {1e3 * rule.limit:.0f} ms", arm.p95_s)
