"""How far the challenger is from the stable arm at the same time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommndr.drift.distances import ks, psi
from recommndr.drift.window import ArmWindow

MIN_SHOPPERS = 50  # below it the distances are large by chance; rules ask for more


@dataclass(frozen=True, slots=True)
class ArmDrift:
    """Distances of the challenger from the stable arm; `n_shoppers` of each."""

    n_shoppers: int
    psi: Mapping[str, float]  # by ranker column that both bundles have
    ks: Mapping[str, float]
    psi_of_scores: float
    ks_of_scores: float
    gap_of_stable: float  # mean difference of the first and the last score of a list
    gap_of_challenger: float


def between(stable: ArmWindow, challenger: ArmWindow, names: Mapping[str, Sequence[str]]) -> ArmDrift | None:
    """The drift; None below `MIN_SHOPPERS` or while a bundle's column names are not known yet."""
    theirs, ours = stable.beside(challenger)
    ours_at, theirs_at = (
        {name: place for place, name in enumerate(names.get(one.model_version, ()))} for one in (challenger, stable)
    )
    common = [name for name in ours_at if name in theirs_at]
    if len(ours.scores) < MIN_SHOPPERS or not common:
        return None
    inputs = ours.inputs[:, [ours_at[name] for name in common]], theirs.inputs[:, [theirs_at[name] for name in common]]
    return ArmDrift(
        n_shoppers=len(ours.scores),
        psi=dict(zip(common, psi(*inputs).tolist(), strict=True)),
        ks=dict(zip(common, ks(*inputs).tolist(), strict=True)),
        psi_of_scores=float(psi(ours.scores, theirs.scores)[0]),
        ks_of_scores=float(ks(ours.scores, theirs.scores)[0]),
        gap_of_stable=_mean(theirs.gaps),
        gap_of_challenger=_mean(ours.gaps),
    )


def _mean(gaps: np.ndarray) -> float:
    known = gaps[~np.isnan(gaps)]
    return float(known.mean()) if len(known) else 0.0
