"""The matrix of shoppers and items that user neighbours and EASE read, from interactions known before a cut."""

import numpy as np

from recommndr_engine.shopper_matrix import ShopperMatrix
from recommndr_training.data.interactions import Interactions

MIN_ITEMS = 2  # one item relates to no other


def fit(known: Interactions, cut_s: float, half_life_s: float, max_shoppers: int) -> ShopperMatrix:
    """Roots of interests of the shoppers with at least two items, at most the `max_shoppers` whose last action is newest."""
    known = known.before(cut_s)
    interests = known.interests(cut_s, half_life_s)
    last_s = np.full(interests.shape[0], -np.inf)
    np.maximum.at(last_s, known.users, known.at_s)
    rows = np.flatnonzero(np.diff(interests.indptr) >= MIN_ITEMS)
    newest_first = rows[np.argsort(-last_s[rows], kind="stable")]
    kept = interests[np.sort(newest_first[:max_shoppers])]
    kept.data = np.sqrt(kept.data)
    return ShopperMatrix.of(kept)
