"""Rules `feature_drift`, `score_drift`, `confidence` and `mix_drift`: logged values of the two slots at the same time.

A campaign or an import of wrong prices moves both slots alike and takes nothing back: it raises an alert.
"""

from recommndr.release_policy import Rule
from recommndr_rollout.evidence import Drift, Evidence
from recommndr_rollout.rules.finding import Finding, checked, unknown


def feature_drift(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when a ranker column is distributed otherwise than in the stable slot, by either distance."""
    drift = evidence.drift
    if drift is None or drift.n_samples < rule.min_samples or not drift.psi_of_column:
        return _too_few(drift, rule, "ranker columns")
    far = {name: max(psi, drift.ks_of_column.get(name, 0.0)) for name, psi in drift.psi_of_column.items()}
    column, distance = max(far.items(), key=lambda pair: pair[1])
    told = (
        f"column {column} differs most between the slots: PSI {drift.psi_of_column[column]:.2f}, "
        f"KS {drift.ks_of_column.get(column, 0.0):.2f} of {drift.n_samples} shoppers, limit {rule.limit:.2f}"
    )
    return checked(distance <= rule.limit, told, distance)


def score_drift(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the scores are distributed otherwise."""
    drift = evidence.drift
    if drift is None or drift.n_samples < rule.min_samples:
        return _too_few(drift, rule, "scores")
    told = (
        f"PSI of scores {drift.psi_of_scores:.2f}, KS {drift.ks_of_scores:.2f} of {drift.n_samples} shoppers, "
        f"limit {rule.limit:.2f}"
    )
    return checked(drift.psi_of_scores <= rule.limit, told, drift.psi_of_scores)


def confidence(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the scores of a list lie closer together than in the stable slot, by more than the limit."""
    drift = evidence.drift
    if drift is None or drift.n_samples < rule.min_samples or drift.gap_of_stable <= 0.0:
        return _too_few(drift, rule, "the confidence of scores")
    fall = 1.0 - drift.gap_of_challenger / drift.gap_of_stable
    told = (
        f"first and last score of a list are {drift.gap_of_challenger:.2f} deviations apart, {drift.gap_of_stable:.2f} beside; "
        f"limit {rule.limit:.0%} less"
    )
    return checked(fall <= rule.limit, told, fall)


def mix_drift(evidence: Evidence, rule: Rule) -> Finding:
    """Failing when the slot meets another mix of shoppers than the stable one, though the edge divides them by chance."""
    enough = {name: mix for name, mix in evidence.mixes.items() if mix.n_samples >= rule.min_samples}
    if not enough:
        most = max((mix.n_samples for mix in evidence.mixes.values()), default=0)
        return unknown(f"{most} shoppers of each slot to compare; {rule.min_samples} say something about the mix of shoppers")
    name, mix = max(enough.items(), key=lambda pair: pair[1].psi)
    told = (
        f"the mix by {name.replace('_', ' ')} differs most between the slots: PSI {mix.psi:.2f} of {mix.n_samples} shoppers, "
        f"limit {rule.limit:.2f}"
    )
    return checked(mix.psi <= rule.limit, told, mix.psi)


def _too_few(drift: Drift | None, rule: Rule, what: str) -> Finding:
    return unknown(
        f"{drift.n_samples if drift else 0} shoppers of each slot to compare; {rule.min_samples} say something about {what}"
    )
