"""The ladder: which named step answers when parts are missing. An answer is never refused because a dependency is.

full                   user row, retrievers, ranker
no_ranker              the ranker failed: candidates in the order of the retrievers' weighted scores
no_user_features       the user row could not be read: what can be said without knowing the shopper
contextual_popularity  retrieval failed: what sells, within the filters
static                 no bundle: what is in stock, best sellers first as far as the live table knows
"""

from dataclasses import dataclass
from typing import Literal

Step = Literal["full", "no_ranker", "no_user_features", "contextual_popularity", "static"]
STEPS: tuple[Step, ...] = ("full", "no_ranker", "no_user_features", "contextual_popularity", "static")

HEADER = "x-recommndr-ladder"


@dataclass(frozen=True, slots=True)
class Missing:
    """What an answer had to do without."""

    bundle: bool = False
    retrieval: bool = False
    user_row: bool = False
    ranker: bool = False


def step(missing: Missing) -> Step:
    """The highest step of the ladder that needs nothing of what is missing.

    >>> step(Missing(user_row=True, ranker=True))
    'no_user_features'
    """
    if missing.bundle:
        return "static"
    if missing.retrieval:
        return "contextual_popularity"
    if missing.user_row:
        return "no_user_features"
    return "no_ranker" if missing.ranker else "full"
