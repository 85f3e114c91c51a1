"""Rule `errors`: the share of requests that the slot fails."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence, Traffic
from recommndr_rollout.rules.finding import Finding, checked, unknown
from recommndr_rollout.rules.share import share_low


def errors(evidence: Evidence, rule: Rule) -> Finding:
    """The last 30 seconds decide where they have enough requests, else the last five minutes.

    Failing above the limit, if even the lower end of the share's 95 % interval is above half of it: of few requests one failed
    one is a large share.
    """
    recent = evidence.judged.recent
    window, traffic = ("30 s", recent) if recent.requests >= rule.min_samples else ("5 min", evidence.judged.traffic)
    if traffic.requests < rule.min_samples:
        return unknown(f"{traffic.requests:.0f} requests in {window}; {rule.min_samples} say something about errors")
    share = traffic.errors / traffic.requests
    told = f"{share:.1%} of {traffic.requests:.0f} requests failed in {window}, limit {rule.limit:.1%}"
    return checked(not _is_high(traffic, rule), told, share, at_once=True)


def _is_high(traffic: Traffic, rule: Rule) -> bool:
    high = traffic.errors / traffic.requests > rule.limit
    return high and share_low(traffic.errors, traffic.requests) > rule.limit / 2.0
