"""What a reference method is: scores of all items for many shoppers at once, from what was known before a cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommndr_engine.arrays import NO_ROW, Mask, Rows
from recommndr_training.data.interactions import Floats, Interactions, Ints

DAY_S = 86_400.0
Scores = npt.NDArray[np.float32]
Method = Callable[[Ints], Scores]  # (n_users,) users -> (n_users, n_items), 0 where the method has nothing to say


@dataclass(frozen=True, slots=True)
class Variant:
    """A method with its settings; the tuning cut selects one variant of each family."""

    family: str
    settings: str
    fit: Callable[[Interactions, float], Method]  # what was known before the cut, the cut in seconds


def row_sums(matrix: sparse.csr_matrix) -> Floats:
    """(n_rows,) sums of a sparse matrix's rows."""
    return np.asarray(matrix.sum(axis=1), np.float64).ravel()


def decayed_counts(known: Interactions, cut_s: float, half_life_s: float) -> sparse.csr_matrix:
    """(n_users, n_items) float32: visits with a target event on the item, decayed; an item counts once a visit."""
    targets = known.targets
    key = np.unique(np.stack([targets.visits, targets.items]), axis=1, return_index=True)[1]
    weights = targets.decay(cut_s, half_life_s)[key]
    shape = (len(known.user_ids), len(known.item_ids))
    matrix = sparse.csr_matrix((weights.astype(np.float32), (targets.users[key], targets.items[key])), shape=shape)
    matrix.sum_duplicates()
    return matrix


def popularity(known: Interactions, cut_s: float, half_life_s: float = 30 * DAY_S) -> Floats:
    """(n_items,) target events, decayed; it orders items of which a method has nothing to say."""
    targets = known.targets
    return np.bincount(targets.items, targets.decay(cut_s, half_life_s), minlength=len(known.item_ids)).astype(np.float64)


def top(scores: Scores, rest: Floats, excluded: Sequence[Rows], k: int) -> Rows:
    """(n_users, k) best items; `rest` (n_items,) orders equal scores. `excluded` has rows per user; `NO_ROW` pads."""
    highest = np.maximum(scores.max(axis=1, keepdims=True, initial=0.0), 1e-30)
    keys = scores / highest + 1e-6 * (rest / max(float(rest.max(initial=0.0)), 1e-30))
    for user, rows in enumerate(excluded):
        keys[user, rows] = -np.inf
    k_found = min(k, keys.shape[1])
    best = np.argpartition(-keys, k_found - 1, axis=1)[:, :k_found]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(keys, best, 1), axis=1, kind="stable"), 1)
    known: Mask = np.take_along_axis(keys, best, 1) > 0.0
    lists = np.full((len(scores), k), NO_ROW, np.int32)
    lists[:, :k_found] = np.where(known, best, NO_ROW)
    return lists
