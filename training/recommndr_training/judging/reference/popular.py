"""What is popular: in the last hour, day, week or month, and within the shopper's categories."""

from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommndr_training.data.interactions import Interactions, Ints
from recommndr_training.judging.reference.method import DAY_S, Method, Scores, Variant, popularity, row_sums

_WINDOWS_S = {"last hour": 3_600.0, "last day": DAY_S, "last 7 d": 7 * DAY_S, "last 30 d": 30 * DAY_S}


def within(window_s: float, known: Interactions, cut_s: float) -> Method:
    """Target events of the window before the cut; the same for everybody."""
    items = known.targets.between(cut_s - window_s, cut_s).items
    counts = np.bincount(items, minlength=len(known.item_ids)).astype(np.float32)
    return lambda users: np.broadcast_to(counts, (len(users), len(counts)))


def by_category(leaf: npt.NDArray[np.int32], half_life_s: float, known: Interactions, cut_s: float) -> Method:
    """The shopper's share of interest in the item's category, times the item's popularity.

    `leaf` (n_items,) is a code per category, -1 for none.
    """
    interests = known.interests(cut_s, 90 * DAY_S)
    has = np.flatnonzero(leaf >= 0)
    members = sparse.csr_matrix(
        (np.ones(len(has), np.float32), (has, leaf[has])), shape=(len(leaf), int(leaf.max(initial=0)) + 1)
    )
    popular = popularity(known, cut_s, half_life_s).astype(np.float32)

    def scores(users: Ints) -> Scores:
        affinity = interests[users] @ members
        share = sparse.diags(1.0 / np.maximum(row_sums(affinity), 1e-9)) @ affinity
        found: Scores = np.asarray((share @ members.T).toarray(), np.float32) * popular
        return found

    return scores


POPULAR = [Variant(f"popularity, {name}", "counts", partial(within, window_s)) for name, window_s in _WINDOWS_S.items()]


def category_variants(leaf: npt.NDArray[np.int32]) -> list[Variant]:
    """Category times popularity with several half-lives."""
    return [Variant("category x popularity", f"{d:g} d", partial(by_category, leaf, d * DAY_S)) for d in (1.0, 7.0, 30.0)]
