"""What a shopper remembers from visit to visit: an item left behind, and consumables."""

from dataclasses import dataclass

import numpy as np

from recommndr_simulation.arrays import Bools, Doubles, Ints
from recommndr_simulation.catalogue import Catalogue

DAY_S = 86_400.0
BOUGHT_KEPT = 6
# An item is due again after this share of its usual days, because some buy early.
DUE_FROM = 0.5


@dataclass(slots=True)
class Memory:
    """Memory of n shoppers: (n,) and (n, BOUGHT_KEPT) arrays, changed in place."""

    pending: Ints  # item left behind, -1 = none
    in_cart: Bools  # whether it is in the cart
    bought: Ints  # the newest distinct purchases, unordered, -1 = none
    bought_at_s: Doubles

    @classmethod
    def blank(cls, n: int) -> "Memory":
        """An empty memory."""
        return cls(
            np.full(n, -1, np.int64),
            np.zeros(n, bool),
            np.full((n, BOUGHT_KEPT), -1, np.int64),
            np.full((n, BOUGHT_KEPT), -np.inf),
        )

    def take(self, rows: Ints) -> "Memory":
        """A copy of some shoppers' memory."""
        return Memory(self.pending[rows], self.in_cart[rows], self.bought[rows], self.bought_at_s[rows])

    def put(self, rows: Ints, memory: "Memory") -> None:
        """Replace the memory of `rows` (all different)."""
        for name in Memory.__slots__:
            getattr(self, name)[rows] = getattr(memory, name)

    def due_again(self, rows: Ints, at_s: Doubles, catalogue: Catalogue) -> Bools:
        """(len(rows), BOUGHT_KEPT) which purchases are due again at `at_s`."""
        items = self.bought[rows]
        again_s = catalogue.leaf_days_again[catalogue.leaf[items]] * DAY_S
        due: Bools = (items >= 0) & (again_s > 0) & (at_s[:, None] - self.bought_at_s[rows] > DUE_FROM * again_s)
        return due

    def buy(self, rows: Ints, items: Ints, at_s: Doubles) -> None:
        """Remember one purchase for each of `rows` (all different)."""
        same = self.bought[rows] == items[:, None]
        column = np.where(same.any(axis=1), same.argmax(axis=1), self.bought_at_s[rows].argmin(axis=1))
        self.bought[rows, column] = items
        self.bought_at_s[rows, column] = at_s
