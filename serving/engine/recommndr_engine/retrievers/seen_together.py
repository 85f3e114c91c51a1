"""Seen together: items that shoppers take soon after one another, in one visit or in the next ones.

Two retrievers, each with a sparse row of related items for each item, queried with the shopper's newest items.
**seen_together** counts any two actions. **led_to_target** counts only those in which the later action is of the shop's target
kind or weighs as much: what a look or a cart led to. A shop with one kind of event has no use for it, and gets none.
"""

from pathlib import Path

from recommndr_engine.item_view import ItemView
from recommndr_engine.related_scores import RelatedScores
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.shopper import Shopper
from recommndr_engine.sparse_rows import SparseRows

TOGETHER = "seen_together/any"
LED_TO_TARGET = "seen_together/target"
HALF_LIFE_PARAMETER = "seen_together.half_life_s"


class SeenTogether:
    """Items that others took before or after the shopper's newest ones."""

    name = "seen_together"
    stem = TOGETHER

    def __init__(self, matrix: SparseRows, half_life_s: float) -> None:
        self.matrix, self._half_life_s = matrix, half_life_s

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "SeenTogether":
        """From a bundle's folder."""
        return cls(SparseRows.read(directory / cls.stem), float(parameters[HALF_LIFE_PARAMETER]))

    def open(self, shopper: Shopper, items: ItemView) -> RelatedScores:
        """See `Retriever`."""
        return RelatedScores(self.matrix, shopper, self._half_life_s)


class LedToTarget(SeenTogether):
    """Items that others bought after they took the shopper's newest ones."""

    name = "led_to_target"
    stem = LED_TO_TARGET


SPECS = (
    RetrieverSpec(
        name=SeenTogether.name,
        place=42,
        read=SeenTogether.read,
        stage="seen_together",
        file=f"{TOGETHER}_starts.npy",
        quota=100,
        blend_weight=0.5,
        reason="Others looked at this too",
        cost_ms=0.2,
        discovers=True,
        from_actions=True,
    ),
    RetrieverSpec(
        name=LedToTarget.name,
        place=44,
        read=LedToTarget.read,
        stage="seen_together",
        file=f"{LED_TO_TARGET}_starts.npy",
        quota=60,
        blend_weight=0.5,
        reason="Others chose this after what you looked at",
        cost_ms=0.2,
        discovers=True,
        from_actions=True,
    ),
)
