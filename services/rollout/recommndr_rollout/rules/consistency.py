"""Rule `consistency`: whether the ranker is served the numbers that training would learn from."""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown


def consistency(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the newest report finds more differing inputs than the limit, in the column where most differ."""
    found = evidence.consistency
    if found is None:
        return unknown("no consistency report of the last two days (recommndr consistency)")
    if found.n_answers < rule.min_samples:
        return unknown(f"the consistency report compares {found.n_answers} answers; {rule.min_samples} say something")
    told = f"{found.differing:.2%} of {found.n_answers} logged inputs of a ranker column differ from a replay"
    return checked(found.differing <= rule.limit, f"{told}, limit {rule.limit:.0%}", found.differing)
