"""A list as the pipeline answers it, and what it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from recommndr_engine.arrays import NO_ROW, Rows, ScoreArray
from recommndr_engine.bought_together import Companions
from recommndr_engine.candidates import Candidates
from recommndr_engine.ranker import Matrix
from recommndr_engine.related_scores import ToRecent
from recommndr_engine.rules_in_force import PlacedPin

Step = Literal["full", "no_ranker", "no_user_features"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """All that the ranker scored, in the list or not; parallel arrays."""

    rows: Rows  # bundle rows
    scores: ScoreArray
    inputs: Matrix


@dataclass(frozen=True, slots=True)
class RankedList:
    """A list, best first; parallel arrays over its places."""

    rows: Rows  # bundle rows; NO_ROW for a pinned item that was no candidate
    scores: ScoreArray  # the scores that ordered the list; 0 for such an item
    sources: tuple[tuple[str, ...], ...]  # names of the retrievers that proposed each
    step: Step
    n_candidates: int
    method: str  # what ordered it: one of `methods_of` its retrievers, or `similar_…`
    inputs: Matrix | None = None  # ranker inputs of each place; None without a ranker
    columns: tuple[str, ...] = ()  # names of the inputs' columns
    retriever_scores: Mapping[str, ScoreArray] | None = None  # each retriever's score of each place
    ranked: Ranked | None = None  # None without a ranker
    companions: Companions | None = None  # what proves each place; only of lists of what is bought together
    pinned: Mapping[int, PlacedPin] = field(default_factory=dict)  # by place, from 0
    place_by_score: Rows | None = None  # as in `Arrangement`


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The first half of a request: the candidates, with every retriever's score."""

    candidates: Candidates
    retriever_scores: Mapping[str, ScoreArray]  # by retriever, over the candidates
    to_recent: Mapping[str, ToRecent] = field(default_factory=dict)  # by retriever of related items, over the candidates


@dataclass(frozen=True, slots=True)
class Ordering:
    """The scores that order the candidates, and where they come from."""

    scores: ScoreArray  # over the candidates
    method: str
    step: Step = "full"
    inputs: Matrix | None = None


def with_added(found: Retrieved, by: Ordering, n: int) -> tuple[Retrieved, Ordering]:
    """The candidates and, after them, `n` pinned items that nothing proposed or scored."""
    none = np.zeros(n, np.float32)
    candidates = Candidates(
        np.concatenate([found.candidates.rows, np.full(n, NO_ROW, np.int32)]),
        np.concatenate([found.candidates.sources, np.zeros(n, np.uint32)]),
    )
    scored = {name: np.concatenate([values, none]) for name, values in found.retriever_scores.items()}
    inputs = by.inputs
    if inputs is not None:
        inputs = np.concatenate([inputs, np.full((n, inputs.shape[1]), np.nan, inputs.dtype)])
    return Retrieved(candidates, scored), replace(by, scores=np.concatenate([by.scores, none]), inputs=inputs)
