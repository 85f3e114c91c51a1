"""Decides whether a tenant has enough data for collaborative filtering, by counts and minimum values. No I/O.

Collaborative filtering learns from shoppers with two items and items with two shoppers. Shoppers with one item and items with
one shopper add nothing, however many there are, so only linking shoppers and shared items count.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts of distinct (shopper, item) pairs with positive evidence, and of their shoppers and items."""

    n_users: int
    n_items: int
    n_pairs: int
    n_linking_users: int  # with two items or more
    n_shared_items: int  # with two shoppers or more

    @property
    def density(self) -> float:
        """Share of the matrix that is filled, 0 to 1."""
        cells = self.n_users * self.n_items
        return self.n_pairs / cells if cells else 0.0

    @property
    def mean_per_user(self) -> float:
        """Items per shopper."""
        return self.n_pairs / self.n_users if self.n_users else 0.0

    def __str__(self) -> str:
        return (
            f"{self.n_users} users, {self.n_items} items, {self.n_pairs} pairs (density {self.density:.2e}, "
            f"{self.mean_per_user:.2f} items a user): {self.n_linking_users} users with two items or more, "
            f"{self.n_shared_items} items with two users or more"
        )


@dataclass(frozen=True, slots=True)
class Floor:
    """The minimum numbers of linking shoppers and shared items."""

    n_linking_users: int
    n_shared_items: int

    def lacks(self, evidence: Evidence) -> str | None:
        """What is missing, as a text; None if there is enough."""
        missing = [
            f"{found} {what} of {needed}"
            for found, needed, what in (
                (evidence.n_linking_users, self.n_linking_users, "users with two items or more"),
                (evidence.n_shared_items, self.n_shared_items, "items with two users or more"),
            )
            if found < needed
        ]
        return ", ".join(missing) or None


# Below this nothing can be learnt from a matrix: no two shoppers share two items.
LEARNABLE = Floor(n_linking_users=2, n_shared_items=2)
# Below this a tenant gets no ALS: its factors would overfit a few dozen shoppers, who are served as well by popularity and
# content. This is a judgement, not a measurement; callers can set both numbers.
ALS_FLOOR = Floor(n_linking_users=100, n_shared_items=50)
