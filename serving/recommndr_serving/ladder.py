"""The ladder: which named step answers when parts are away. An answer is never refused because a dependency is.

full                   user row, retrievers, ranker
no_ranker              the ranker failed: candidates in the order of the retrievers' weighted scores
no_user_features       the user row could not be read: what can be said without knowing the shopper
contextual_popularity  retrieval failed: what sells, within the filters
static                 no bundle: what can be had, best sellers first as far as the live table knows
"""

from dataclasses import dataclass
from typing import Literal

Step = Literal["full", "no_ranker", "no_user_features", "contextual_popularity", "static"]
STEPS: tuple[Step, ...] = ("full", "no_ranker", "no_user_features", "contextual_popularity", "static")

HEADER = "x-recommndr-ladder"


@dataclass(frozen=True, slots=True)
class Away:
    """What an answer had to do without."""

    bundle: bool = False
    retrieval: bool = False
    user_row: bool = False
    ranker: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """Names of what is away, for the counter."""
        return tuple(name for name in ("bundle", "retrieval", "user_row", "ranker") if getattr(self, name))


def step(away: Away) -> Step:
    """The highest step of the ladder that needs nothing of what is away.

    >>> step(Away(user_row=True, ranker=True))
    'no_user_features'
    """
    if away.bundle:
        return "static"
    if away.retrieval:
        return "contextual_popularity"
    if away.user_row:
        return "no_user_features"
    return "no_ranker" if away.ranker else "full"
