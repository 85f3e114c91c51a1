"""Retrievers: what proposes candidates, and gives every candidate a score, whoever proposed it.

A retriever is opened once per request; the opened `Scores` hold what is worth computing once (a folded-in vector, summed
neighbours). Every implementation passes `tests/engine/test_retrievers.py`.
"""

from typing import Protocol

from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.shopper import Shopper


class Scores(Protocol):
    """One retriever's opinion for one shopper."""

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """At most `k` distinct bundle rows it has something to say for, best first, and their scores (all > 0).

        `allowed` is (n_items,) bool over the bundle's rows; None allows all. Ties go to the smaller row.
        """
        ...

    def of(self, rows: Rows) -> ScoreArray:
        """Scores of any rows, float32, the same numbers as `top` gives; 0 where nothing is known."""
        ...


class Retriever(Protocol):
    """A named way to find candidates, over the rows of one bundle."""

    @property
    def name(self) -> str:
        """What `sources`, weights and ranker columns call it."""
        ...

    def open(self, shopper: Shopper) -> Scores:
        """Its scores for this shopper."""
        ...
