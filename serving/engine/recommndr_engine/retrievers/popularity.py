"""Popularity, twice: what is bought lately, and what is bought lately *for the first time* by a shopper.

The second leaves out staples that the same shoppers buy every week; on groceries it is among the best single methods for
items new to a shopper.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from recommndr_engine.arrays import ScoreArray
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
    def read(cls, directory: Path, parameters: Mapping[str, float | int | str]) -> "Popularity":
        """From a bundle's folder."""
        return cls(np.load(directory / cls.file, allow_pickle=False))

    def open(self, shopper: Shopper) -> OrderedScores:
        """See `Retriever`."""
        return self.scores


class FirstPurchases(Popularity):
    """What shoppers buy who never bought it before."""

    name = "first_purchases"
    file = FIRST_PURCHASES_FILE
