"""Recent: items that the shopper recently viewed or put into a cart and has not bought yet."""

from pathlib import Path

import numpy as np

from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import SparseScores
from recommndr_engine.shopper import Shopper

# A view of yesterday has half the weight of a view of today.
_HALF_LIFE_S = 86_400.0


class Recent:
    """The shopper's newest items, by the weight of the action's kind and its age."""

    name = "recent"

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Recent":
        """Nothing is fitted, so a bundle has no files of it."""
        return cls()

    def open(self, shopper: Shopper, items: ItemView) -> SparseScores:
        """See `Retriever`."""
        order = np.argsort(shopper.recent_rows, kind="stable")
        # Bought items are left out; buy again proposes them when they are due.
        weights = np.where(shopper.recent_kinds == shopper.target, np.float32(0.0), shopper.recent_weights(_HALF_LIFE_S))
        return SparseScores(shopper.recent_rows[order], weights[order])


SPECS = (
    RetrieverSpec(
        name=Recent.name,
        place=20,
        read=Recent.read,
        stage=None,
        file=None,
        quota=50,
        blend_weight=2.0,
        reason="You looked at this lately",
        cost_ms=0.05,
    ),
)
