"""How far the challenger is from the stable arm at the same time. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recommndr.drift.distances import apart
from recommndr.drift.window import ArmWindow, Sample

MIN_SHOPPERS = 50  # below it the distances are large by chance; rules ask for more


# Columns of a retriever that do not have its name.
_MORE_COLUMNS = {name: ("item_first_share",) for name in ("first_purchases", "popularity")}


class Names(NamedTuple):
    """What a bundle calls its ranker's inputs, and its retrievers."""

    columns: tuple[str, ...]
    retrievers: tuple[str, ...]


NO_NAMES = Names((), ())


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
    gap_of_stable: float  # mean difference of a list's first and last score, in standard deviations of candidates' scores
    gap_of_challenger: float


def beside(stable: ArmWindow, challenger: ArmWindow, bundles: Mapping[str, Names]) -> Beside | None:
    """The arms; None below `MIN_SHOPPERS`, or while a bundle's names (by version) are not known yet.

    A version may leave out a retriever that does not earn its place, and then does not know that retriever's columns.
    """
    ours, theirs = challenger.beside(stable)
    our_names, their_names = (bundles.get(one.model_version, NO_NAMES) for one in (challenger, stable))
    ours_at, theirs_at = (dict(zip(one.columns, range(len(one.columns)), strict=True)) for one in (our_names, their_names))
    only_one_has = set(our_names.retrievers) ^ set(their_names.retrievers)
    common = tuple(name for name in ours_at if name in theirs_at and not is_of(name, only_one_has))
    if len(ours.scores) < MIN_SHOPPERS or not common:
        return None
    ours, theirs = (
        sample._replace(inputs=sample.inputs[:, [places[name] for name in common]])
        for sample, places in ((ours, ours_at), (theirs, theirs_at))
    )
    return Beside(common, theirs, ours)


def is_of(column: str, retrievers: Collection[str]) -> bool:
    """Whether a ranker column is of one of these retrievers."""
    return any(column.startswith(f"{name}_") or column in _MORE_COLUMNS.get(name, ()) for name in retrievers)


def drift_of(arms: Beside) -> ArmDrift:
    """Their distances."""
    ours, theirs = arms.challenger, arms.stable
    of_inputs, of_scores = apart(ours.inputs, theirs.inputs), apart(ours.scores, theirs.scores)
    return ArmDrift(
        n_shoppers=len(ours.scores),
        psi=dict(zip(arms.columns, of_inputs.psi.tolist(), strict=True)),
        ks=dict(zip(arms.columns, of_inputs.ks.tolist(), strict=True)),
        psi_of_scores=float(of_scores.psi[0]),
        ks_of_scores=float(of_scores.ks[0]),
        gap_of_stable=_gap(theirs),
        gap_of_challenger=_gap(ours),
    )


def _gap(arm: Sample) -> float:
    """In standard deviations, because rankers learnt for another goal have scores of another size."""
    known, spread = arm.gaps[~np.isnan(arm.gaps)], float(arm.scores.std())
    return float(known.mean()) / spread if len(known) and spread > 0.0 else 0.0
