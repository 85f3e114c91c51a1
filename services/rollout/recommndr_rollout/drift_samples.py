"""The exporter's samples of drift as evidence of a release."""

from collections.abc import Sequence

from recommndr.release import Release
from recommndr_rollout.evidence import Drift, Mix
from recommndr_rollout.seen import Sample, labelled, only

_PREFIX = "recommndr_drift_"
# Not all of them: drift from earlier weeks and from bundles has hundreds of series a shop, and judges nothing.
QUERY = f'{{__name__=~"{_PREFIX}(shoppers|psi|ks|scores_psi|scores_ks|score_gap|slots_mix_psi|slots_mix_shoppers)"}}'


def drift_of(samples: Sequence[Sample], release: Release) -> Drift | None:
    """The drift of a release; None while the exporter does not say all of it."""
    here = labelled(samples, tenant=str(release.tenant), release=release.release_id)
    n_shoppers, psi_of_scores, ks_of_scores = (_one(here, name) for name in ("shoppers", "scores_psi", "scores_ks"))
    stable, challenger = (_one(here, "score_gap", arm=arm) for arm in ("stable", "challenger"))
    if n_shoppers is None or psi_of_scores is None or ks_of_scores is None or stable is None or challenger is None:
        return None
    psi, ks = ({one.labels.get("column", ""): one.value for one in _named(here, name)} for name in ("psi", "ks"))
    return Drift(int(n_shoppers), psi, psi_of_scores, stable, challenger, ks, ks_of_scores)


def mixes_of(samples: Sequence[Sample], release: Release) -> dict[str, Mix]:
    """How far apart the arms' shoppers are, by the mixes that the exporter knows of the release."""
    here = labelled(samples, tenant=str(release.tenant), release=release.release_id)
    psi, n = (_by_mix(here, name) for name in ("slots_mix_psi", "slots_mix_shoppers"))
    return {mix: Mix(int(n[mix]), psi[mix]) for mix in psi.keys() & n.keys()}


def _by_mix(samples: Sequence[Sample], name: str) -> dict[str, float]:
    return {one.labels.get("mix", ""): one.value for one in _named(samples, name)}


def _named(samples: Sequence[Sample], name: str) -> list[Sample]:
    return [sample for sample in samples if sample.name == f"{_PREFIX}{name}"]


def _one(samples: Sequence[Sample], name: str, **labels: str) -> float | None:
    return only(_named(samples, name), **labels)
