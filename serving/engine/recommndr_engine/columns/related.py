"""Columns of how the candidate is related to single ones of the shopper's newest items.

The sum over all of them is the retriever's score. It does not tell one strong relation from many weak ones, nor what the
shopper looks at right now.
"""

from collections.abc import Callable, Mapping

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.columns.column import ColumnGroup, Values
from recommndr_engine.columns.request import Request
from recommndr_engine.related_scores import ToRecent

RETRIEVERS = ("co_visits", "seen_together", "led_to_target")
Facts = Mapping[str, ToRecent]


def _to_recent(request: Request) -> Facts:
    return request.to_recent


RELATED = ColumnGroup(_to_recent)


def _of(retriever: str, read: Callable[[ToRecent], ScoreArray]) -> Callable[[Facts], Values]:
    return lambda facts: read(facts[retriever]) if retriever in facts else 0.0


for _name in RETRIEVERS:
    RELATED.add(
        f"{_name}_largest", f"Value in {_name} of the newest item that it is related to most", _of(_name, lambda it: it.largest)
    )
    RELATED.add(f"{_name}_last", f"Value in {_name} of the shopper's newest item", _of(_name, lambda it: it.last))
