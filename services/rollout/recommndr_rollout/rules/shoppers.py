"""Rules `ctr`, `conversion` and `engagement`: what shoppers do with the lists, against the arm at the same time.

Looked at every few seconds, a plain bound of two standard deviations would fire by chance again and again. The interval here
holds at all times at once (`sequential`); two standard deviations are only shown.
"""

from collections.abc import Callable

from recommndr.outcomes.partial import Partial
from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.finding import Finding, unknown
from recommndr_rollout.sequential import ALPHA, Difference, Mean, difference, per_impression, per_shopper

Measured = Callable[[Partial], Mean]


def ctr(evidence: Evidence, rule: Rule) -> Finding:
    """Clicks per impression."""
    return _compared(evidence, rule, "clicks per impression", lambda partial: per_impression(partial, "clicks"))


def conversion(evidence: Evidence, rule: Rule) -> Finding:
    """Purchases per shopper."""
    return _compared(evidence, rule, "purchases per shopper", lambda partial: per_shopper(partial, "purchases"))


def engagement(evidence: Evidence, rule: Rule) -> Finding:
    """Clicks per shopper."""
    return _compared(evidence, rule, "clicks per shopper", lambda partial: per_shopper(partial, "clicks"))


def _compared(evidence: Evidence, rule: Rule, what: str, measured: Measured) -> Finding:
    """Each list that both arms show counts alone; alpha is shared among them.

    Failing when one is surely lower and by more than the limit, healthy when none is lower by more than the limit even at the
    lower end of its interval.
    """
    if evidence.beside is None:
        return unknown(f"no arm beside: nothing to compare {what} with")
    ours, theirs = evidence.judged.outcomes, evidence.beside.outcomes
    lists = [
        name
        for name in sorted(ours.keys() & theirs.keys())
        if min(ours[name].n_shoppers, theirs[name].n_shoppers) >= rule.min_samples
    ]
    if not lists:
        most = max((partial.n_shoppers for partial in ours.values()), default=0)
        return unknown(f"{most} shoppers saw the challenger's lists; {rule.min_samples} in each arm say something about {what}")
    found = [_one(name, measured(theirs[name]), measured(ours[name]), rule, what, len(lists)) for name in lists]
    order = {"failing": 0, "unknown": 1, "healthy": 2}
    return min(found, key=lambda one: order[one.health])


def _one(name: str, stable: Mean, challenger: Mean, rule: Rule, what: str, n_lists: int) -> Finding:
    if stable.value <= 0.0:
        return unknown(f"{name}: no {what} in the stable arm yet")
    seen = difference(stable, challenger, ALPHA / n_lists)
    share = seen.value / stable.value
    told = (
        f"{name}: {what} {challenger.value:.4f} of {challenger.n_shoppers:,} shoppers, {stable.value:.4f} of "
        f"{stable.n_shoppers:,} beside, {share:+.1%} {_interval(seen, stable)}; limit -{rule.limit:.0%}"
    )
    if seen.high < 0.0 and share < -rule.limit:
        return Finding("failing", told, share)
    return Finding("healthy" if seen.low >= -rule.limit * stable.value else "unknown", told, share)


def _interval(seen: Difference, stable: Mean) -> str:
    return f"[{seen.low / stable.value:+.1%}, {seen.high / stable.value:+.1%}], two sigma {seen.two_sigma / stable.value:.1%}"
