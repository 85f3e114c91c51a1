"""Two kinds of popularity: recent purchases, and recent purchases that were a shopper's *first* of the item.

The second excludes staples that the same shoppers buy every week; on groceries it is among the best single methods for items
new to a shopper.
"""

from pathlib import Path

import numpy as np

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import OrderedScores
from recommndr_engine.shopper import Shopper

POPULARITY_FILE = "popularity/popularity.npy"
FIRST_PURCHASES_FILE = "popularity/first_purchases.npy"


class Popularity:
    """The same best-sellers for everyone."""

    name = "popularity"
    file = POPULARITY_FILE

    def __init__(self, scores: ScoreArray) -> None:
        self.scores = OrderedScores(scores)

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Popularity":
        """From a bundle's folder."""
        return cls(np.load(directory / cls.file, allow_pickle=False))

    def open(self, shopper: Shopper, items: ItemView) -> OrderedScores:
        """See `Retriever`."""
        return self.scores


class FirstPurchases(Popularity):
    """Items that shoppers buy for the first time."""

    name = "first_purchases"
    file = FIRST_PURCHASES_FILE


SPECS = (
    RetrieverSpec(
        name=FirstPurchases.name,
        place=60,
        read=FirstPurchases.read,
        stage="popularity",
        file=FIRST_PURCHASES_FILE,
        quota=100,
        blend_weight=0.5,
        reason="Many try this",
        cost_ms=0.03,
        discovers=True,
    ),
    RetrieverSpec(
        name=Popularity.name,
        place=70,
        read=Popularity.read,
        stage="popularity",
        file=POPULARITY_FILE,
        quota=100,
        blend_weight=0.5,
        reason="Popular now",
        cost_ms=0.03,
        own_requests=True,
    ),
)
