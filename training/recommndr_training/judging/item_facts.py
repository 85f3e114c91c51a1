"""What is known of the bundle's items at the cut, for figures of what lists show."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr_engine.arrays import NO_ROW, Mask
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.live_items import LiveItems
from recommndr_lake_writer.interest import IMPRESSION
from recommndr_training.data.id_codes import coded

NEW_S = 7 * 86_400.0
# The usual border of head and tail: Abdollahpouri et al., "Controlling popularity bias in learning-to-rank recommendation",
# RecSys 2017.
HEAD_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Parallel arrays over the bundle's rows."""

    share: npt.NDArray[np.float64]  # of shoppers who acted on the item before the cut; at least one is assumed
    paths: npt.NDArray[np.int32]  # (n_items, n_levels) codes of the category path, -1 = none
    long_tail: Mask  # not among the most popular items that have 80 % of all pairs of shopper and item
    new: Mask  # first seen, or for sale without being seen, less than 7 d before the cut
    untouched: Mask  # nobody acted on it before the cut

    @classmethod
    def at(cls, cut_s: float, lines: pd.DataFrame, items: BundleItems, live: LiveItems) -> "ItemFacts":
        """From the lines before the cut; impressions do not count."""
        seen = lines.loc[lines["kind"] != IMPRESSION, ["user_id", "item_id", "at_s"]]
        shoppers, of_items = coded(seen["user_id"]), coded(seen["item_id"])
        rows = items.rows_of(of_items.ids)[of_items.codes]
        known = rows != NO_ROW
        repeated = pd.Series(shoppers.codes * max(len(of_items.distinct), 1) + of_items.codes).duplicated().to_numpy()
        n_shoppers = np.bincount(rows[known & ~repeated], minlength=len(items))
        live_rows = live.rows_of(items.ids)
        first_s = live.table.from_s[live_rows]  # of items that nothing happened to
        first = pd.Series(seen["at_s"].to_numpy()[known]).groupby(rows[known]).min()
        first_s[first.index.to_numpy()] = first.to_numpy()
        return cls(
            share=np.maximum(n_shoppers, 1) / max(len(shoppers.distinct), 1),
            paths=live.table.categories[live_rows],
            long_tail=long_tail(n_shoppers),
            new=first_s > cut_s - NEW_S,
            untouched=n_shoppers == 0,
        )


def long_tail(n_shoppers: npt.NDArray[np.int64]) -> Mask:
    """(n_items,) which items are not among the most popular ones that together have 80 % of all pairs.

    >>> long_tail(np.array([1, 6, 2, 1]))
    array([ True, False, False,  True])
    """
    order = np.argsort(-n_shoppers, kind="stable")
    before = np.cumsum(n_shoppers[order]) - n_shoppers[order]
    tail = np.empty(len(order), np.bool_)
    tail[order] = before >= HEAD_SHARE * n_shoppers.sum()
    return tail
