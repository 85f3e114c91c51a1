"""The ladder: the named step that answers when parts are unavailable. A missing dependency never causes an error.

A slot that has just started answers 503 while it does not know the shop (`http/readiness.py`).

full                   user row, retrievers, ranker
empty                  the same, and nothing fits what was asked, such as a filter
no_ranker              the ranker failed: candidates in the order of the retrievers' weighted scores
no_user_features       the user row could not be read: a list for an unknown shopper
contextual_popularity  retrieval failed: best-sellers within the filters
static                 no bundle: items in stock, best-sellers first if the live table knows them
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Step = Literal["full", "empty", "no_ranker", "no_user_features", "contextual_popularity", "static"]
STEPS: tuple[Step, ...] = ("full", "empty", "no_ranker", "no_user_features", "contextual_popularity", "static")

HEADER = "x-recommndr-ladder"


@dataclass(frozen=True, slots=True)
class Missing:
    """The parts that were unavailable for an answer."""

    bundle: bool = False
    retrieval: bool = False
    user_row: bool = False
    ranker: bool = False


def step(missing: Missing, n_items: int) -> Step:
    """The highest step of the ladder that works without the missing parts; a list without items is never `full`.

    >>> step(Missing(user_row=True, ranker=True), 10), step(Missing(), 0)
    ('no_user_features', 'empty')
    """
    if missing.bundle:
        return "static"
    if missing.retrieval:
        return "contextual_popularity"
    if missing.user_row:
        return "no_user_features"
    if missing.ranker:
        return "no_ranker"
    return "full" if n_items else "empty"


def lowest(steps: Iterable[Step]) -> Step:
    """The lowest of some steps: that of a page is that of its worst list.

    >>> lowest(["full", "no_user_features", "full"])
    'no_user_features'
    """
    return max(steps, key=STEPS.index)
