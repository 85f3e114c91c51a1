"""Retrievers: what proposes candidates, and gives every candidate a score, whoever proposed it.

A retriever is opened once per request; the opened `Scores` hold what is worth computing once (a folded-in vector, summed
neighbours). Every implementation passes `tests/engine/test_retrievers.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.shopper import Shopper

Parameters = Mapping[str, float | int | str]  # of a bundle's manifest, `part.name`


class Scores(Protocol):
    """One retriever's scores for one shopper."""

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """At most `k` distinct bundle rows it has something to say for, best first, and their scores (all > 0).

        `allowed` is (n_items,) bool over the bundle's rows; None allows all. Ties go to the smaller row.
        """
        ...

    def for_rows(self, rows: Rows) -> ScoreArray:
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


@dataclass(frozen=True, slots=True)
class RetrieverSpec:
    """All that the rest of the platform needs to know of a retriever; it stands in the file of its class.

    Columns, quotas, blend weights, router, reasons, stages, documents and the storefront's texts are derived from it.
    """

    name: str
    place: int  # among all: order of bits and columns, and whose reason is told first
    read: Callable[[Path, Parameters], Retriever]  # from a bundle's folder
    stage: str | None  # the training stage that fits it; None: nothing is learnt, and `read` reads nothing
    quota: int  # how many candidates it may propose
    blend_weight: float  # where no ranker orders
    reason: str  # why an item is shown, said to the shopper
    discovers: bool = False  # proposes only what the shopper never bought: buy again knows the rest better
    asked_from: Literal["first_event", "warm"] = "first_event"  # warm: from `RouterThresholds.warm_events` on
    from_deeds: bool = False  # follows from single items of the shopper, so that a storefront may name the one
