"""Purchases as parallel arrays: what the fit functions of all retrievers read. One row = an order held an item."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interactions:
    """Distinct (order, item) pairs, oldest first. Users and items are rows of sorted ids; cutting keeps these rows."""

    user_ids: list[str]
    item_ids: list[str]
    users: Ints
    items: Ints
    orders: Ints
    at_s: Floats

    @classmethod
    def of(cls, lines: pd.DataFrame) -> "Interactions":
        """From order lines (`user_id`, `item_id`, `event_id`, `at_s`); an item on two lines of an order counts once."""
        lines = lines.drop_duplicates(["event_id", "item_id"]).sort_values(["at_s", "event_id", "item_id"], kind="stable")
        users, user_ids = pd.factorize(lines["user_id"], sort=True)
        items, item_ids = pd.factorize(lines["item_id"], sort=True)
        orders, _ = pd.factorize(lines["event_id"])
        return cls(
            list(user_ids),
            list(item_ids),
            users.astype(np.int32),
            items.astype(np.int32),
            orders.astype(np.int32),
            lines["at_s"].to_numpy(np.float64),
        )

    @classmethod
    def read(cls, path: Path) -> "Interactions":
        """From a parquet file of order lines."""
        return cls.of(pd.read_parquet(path, columns=["user_id", "item_id", "event_id", "at_s"]))

    def __len__(self) -> int:
        return len(self.at_s)

    def between(self, since_s: float, until_s: float) -> "Interactions":
        """Those in [since_s, until_s), over the same rows of users and items."""
        kept = slice(*np.searchsorted(self.at_s, [since_s, until_s]))
        return Interactions(
            self.user_ids, self.item_ids, self.users[kept], self.items[kept], self.orders[kept], self.at_s[kept]
        )

    def before(self, cut_s: float) -> "Interactions":
        """What was known at `cut_s`."""
        return self.between(-np.inf, cut_s)

    def decay(self, at_s: float, half_life_s: float) -> Floats:
        """(n,) weight of each as of `at_s`: 1 now, 1/2 a half-life ago."""
        return np.exp2((self.at_s - at_s) / half_life_s)

    def user_items(self, weights: Floats) -> sparse.csr_matrix:
        """(n_users, n_items) float32: summed weights."""
        shape = (len(self.user_ids), len(self.item_ids))
        matrix = sparse.csr_matrix((weights.astype(np.float32), (self.users, self.items)), shape=shape)
        matrix.sum_duplicates()
        return matrix


@dataclass(frozen=True, slots=True)
class Pairs:
    """What each shopper did with each item they bought: one row per (user, item), sorted so."""

    users: Ints
    items: Ints
    n_orders: Floats
    decayed: Floats  # as of the instant asked for
    first_s: Floats
    last_s: Floats


def pairs(known: Interactions, at_s: float, half_life_s: float) -> Pairs:
    """Per user and item: orders, decayed orders as of `at_s`, first and last purchase."""
    key = known.users.astype(np.int64) * len(known.item_ids) + known.items
    order = np.argsort(key, kind="stable")  # stays oldest first within a pair
    key = key[order]
    first = np.flatnonzero(np.r_[len(key) > 0, key[1:] != key[:-1]])
    last = np.r_[first[1:], len(key)] - 1
    decayed = np.add.reduceat(known.decay(at_s, half_life_s)[order], first) if len(first) else np.zeros(0)
    return Pairs(
        users=known.users[order[first]],
        items=known.items[order[first]],
        n_orders=(last - first + 1).astype(np.float64),
        decayed=decayed,
        first_s=known.at_s[order[first]],
        last_s=known.at_s[order[last]],
    )
