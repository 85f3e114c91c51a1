"""Scores of items that are related to the shopper's newest ones."""

from dataclasses import dataclass

from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper
from recommndr_engine.sparse_rows import SparseRows


@dataclass(frozen=True, slots=True)
class ToRecent:
    """How items are related to single ones of the newest items; arrays over the items asked for."""

    largest: ScoreArray  # to the one they are related to most
    last: ScoreArray  # to the newest one


class RelatedScores(DenseScores):
    """The sum over the newest items, each by the weight of its action's kind and age."""

    def __init__(self, matrix: SparseRows, shopper: Shopper, half_life_s: float) -> None:
        # An item that the shopper took back or dislikes makes no other item attractive.
        liked = shopper.kind_weights[shopper.recent_kinds] > 0.0
        self._related = matrix.some(shopper.recent_rows[liked])
        super().__init__(self._related.weighted_sum(shopper.recent_weights(half_life_s)[liked]))

    def to_recent(self, rows: Rows) -> ToRecent:
        """Of these rows."""
        return ToRecent(self._related.largest()[rows], self._related.largest_of_first()[rows])
