"""Retrievers propose candidates, and score every candidate, also those of other retrievers.

A retriever is opened once per request; the opened `Scores` hold values that are computed once per request (a folded-in vector,
summed neighbours). Every implementation passes `tests/engine/test_retrievers.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.shopper import Shopper

Parameters = Mapping[str, float | int | str]  # of a bundle's manifest, `part.name`


class Scores(Protocol):
    """One retriever's scores for one shopper."""

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """At most `k` distinct bundle rows with scores > 0, best first, and these scores.

        `allowed` is (n_items,) bool over the bundle's rows; None allows all. Ties go to the smaller row.
        """
        ...

    def for_rows(self, rows: Rows) -> ScoreArray:
        """Scores of any rows, float32, the same numbers as from `top`; 0 if nothing is known."""
        ...


class Retriever(Protocol):
    """A named way to find candidates, over the rows of one bundle."""

    @property
    def name(self) -> str:
        """Its name in `sources`, weights and ranker columns."""
        ...

    def open(self, shopper: Shopper, items: ItemView) -> Scores:
        """Its scores for this shopper at this instant (`shopper.now_s`); `items` are all items as of then."""
        ...


@runtime_checkable
class BatchRetriever(Retriever, Protocol):
    """A retriever that opens many shoppers faster than one by one, with the same scores."""

    def open_many(self, shoppers: Sequence[Shopper], items: ItemView) -> Sequence[Scores]:
        """The scores of each shopper, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class RetrieverSpec:
    """The description of a retriever for the rest of the platform, in the file of its class.

    Columns, quotas, blend weights, router, reasons, stages, documents and the storefront's texts are derived from it.
    """

    name: str
    place: int  # position among all retrievers: order of bits and columns, and of reasons
    read: Callable[[Path, Parameters], Retriever]  # from a bundle's folder
    stage: str | None  # the training stage that fits it; None: it is not fitted, and `read` reads no files
    file: str | None  # one of the files that `read` needs: where the stage left the retriever out, it is not there
    quota: int  # maximum number of candidates that it may propose
    blend_weight: float  # when no ranker orders the list
    reason: str  # the reason shown to the shopper
    # Of computing for one request on grocer (66,789 items): to open, propose and score. Training first tries to do without the
    # dearest. Fixed, because what a clock measures would make each training choose others.
    cost_ms: float
    discovers: bool = False  # proposes only items that the shopper never bought; buy again is better for the others
    asked_from: Literal["first_event", "warm"] = "first_event"  # warm: from `RouterThresholds.warm_events` on
    own_requests: bool = False  # answers some that no tuning cut judges: unknown shoppers, similar items; so it always ships
    from_actions: bool = False  # starts from single items of the shopper, so that a storefront may name the item in the reason
