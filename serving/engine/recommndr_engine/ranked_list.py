"""A list as the pipeline answers it, and what it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.bought_together import Companions
from recommndr_engine.candidates import Candidates
from recommndr_engine.ranker import Matrix
from recommndr_engine.related_scores import ToRecent

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

    rows: Rows  # bundle rows
    scores: ScoreArray  # the scores that ordered the list
    sources: tuple[tuple[str, ...], ...]  # names of the retrievers that proposed each
    step: Step
    n_candidates: int
    method: str  # what ordered it: one of `methods_of` its retrievers, or `similar_…`
    inputs: Matrix | None = None  # ranker inputs of each place; None without a ranker
    columns: tuple[str, ...] = ()  # names of the inputs' columns
    retriever_scores: Mapping[str, ScoreArray] | None = None  # each retriever's score of each place
    ranked: Ranked | None = None  # None without a ranker
    companions: Companions | None = None  # what proves each place; only of lists of what is bought together


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
