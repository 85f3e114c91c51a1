"""The retrievers' scores for one shopper, opened once per request, whatever reads them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import BatchRetriever, Retriever, Scores
from recommndr_engine.shopper import Shopper

_BATCH = 256


class Opened(Mapping[str, Scores]):
    """Scores by the name of the retriever; a retriever is opened when its scores are first read."""

    def __init__(self, found_by: Mapping[str, Retriever], shopper: Shopper, items: ItemView) -> None:
        self.shopper = shopper
        self._found_by, self._items = found_by, items
        self._scores: dict[str, Scores] = {}

    def __getitem__(self, name: str) -> Scores:
        if name not in self._scores:
            self._scores[name] = self._found_by[name].open(self.shopper, self._items)
        return self._scores[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found_by)

    def __len__(self) -> int:
        return len(self._found_by)

    def give(self, name: str, scores: Scores) -> None:
        """Scores that were opened elsewhere, together with those of other shoppers."""
        self._scores[name] = scores


def open_many(found_by: Mapping[str, Retriever], shoppers: Iterable[Shopper], items: ItemView) -> Iterator[Opened]:
    """The scores of many shoppers, in their order; a retriever that is faster for many at once opens `_BATCH` together."""
    coming = iter(shoppers)
    while some := list(islice(coming, _BATCH)):
        opened = _open_some(found_by, some, items)[::-1]
        while opened:  # each is dropped when its turn is over: scores of all items for 256 shoppers are gigabytes
            yield opened.pop()


def _open_some(found_by: Mapping[str, Retriever], shoppers: Sequence[Shopper], items: ItemView) -> list[Opened]:
    opened = [Opened(found_by, shopper, items) for shopper in shoppers]
    for name, retriever in found_by.items():
        if isinstance(retriever, BatchRetriever):
            for one, scores in zip(opened, retriever.open_many(shoppers, items), strict=True):
                one.give(name, scores)
    return opened
