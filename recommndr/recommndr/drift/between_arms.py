"""How far the challenger is from the stable arm at the same time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recommndr.drift.distances import Floats, ks, psi
from recommndr.drift.window import ArmWindow, Sample

MIN_SHOPPERS = 50  # below it the distances are large by chance; rules ask for more


class Beside(NamedTuple):
    """Both arms' shoppers, as many of each in every five minutes, with the ranker columns that both bundles have."""

    columns: tuple[str, ...]
    stable: Sample
    challenger: Sample


@dataclass(frozen=True, slots=True)
class ArmDrift:
    """Distances of the challenger from the stable arm; `n_shoppers` of each."""

    n_shoppers: int
    psi: Mapping[str, float]  # by ranker column
    ks: Mapping[str, float]
    psi_of_scores: float
    ks_of_scores: float
    gap_of_stable: float  # mean difference of the first and the last score of a list
    gap_of_challenger: float


def beside(stable: ArmWindow, challenger: ArmWindow, names: Mapping[str, Sequence[str]]) -> Beside | None:
    """The arms; None below `MIN_SHOPPERS`, or while a bundle's column names (by version) are not known yet."""
    ours, theirs = challenger.beside(stable)
    ours_at, theirs_at = (
        {name: place for place, name in enumerate(names.get(one.model_version, ()))} for one in (challenger, stable)
    )
    common = tuple(name for name in ours_at if name in theirs_at)
    if len(ours.scores) < MIN_SHOPPERS or not common:
        return None
    ours, theirs = (
        sample._replace(inputs=sample.inputs[:, [places[name] for name in common]])
        for sample, places in ((ours, ours_at), (theirs, theirs_at))
    )
    return Beside(common, theirs, ours)


def drift_of(arms: Beside) -> ArmDrift:
    """Their distances."""
    ours, theirs = arms.challenger, arms.stable
    return ArmDrift(
        n_shoppers=len(ours.scores),
        psi=dict(zip(arms.columns, psi(ours.inputs, theirs.inputs).tolist(), strict=True)),
        ks=dict(zip(arms.columns, ks(ours.inputs, theirs.inputs).tolist(), strict=True)),
        psi_of_scores=float(psi(ours.scores, theirs.scores)[0]),
        ks_of_scores=float(ks(ours.scores, theirs.scores)[0]),
        gap_of_stable=_mean(theirs.gaps),
        gap_of_challenger=_mean(ours.gaps),
    )


def _mean(gaps: Floats) -> float:
    known = gaps[~np.isnan(gaps)]
    return float(known.mean()) if len(known) else 0.0
