"""Ids as numbers in the order of their first mention."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import numpy as np

from recommndr.features import item_set
from recommndr.features.arrays.runs import Ints
from recommndr.features.item_set import Fingerprints

IdT = TypeVar("IdT", str, tuple[str, ...])


class _Numbers(dict[IdT, int]):
    """Numbers an id when it is first looked up."""

    def __init__(self, takes: Callable[[IdT], bool]) -> None:
        super().__init__()
        self.ids: list[IdT] = []
        self._takes: Callable[[IdT], bool] = takes

    def __missing__(self, one: IdT) -> int:
        number = self[one] = len(self.ids) if self._takes(one) else -1
        if number >= 0:
            self.ids.append(one)
        return number


class Ids(Generic[IdT]):
    """Distinct ids, numbered from 0; those that `takes` refuses have the number -1."""

    def __init__(self, *first: IdT, takes: Callable[[IdT], bool] = lambda _: True) -> None:
        self._numbers: _Numbers[IdT] = _Numbers(takes)
        self._ranks = np.zeros(0, np.int64)
        self.numbers(first)

    def __len__(self) -> int:
        return len(self._numbers.ids)

    @property
    def ids(self) -> list[IdT]:
        """The ids by number; do not change it."""
        return self._numbers.ids

    def numbers(self, ids: Iterable[IdT]) -> Ints:
        """(n,) the number of each; new ones get the next numbers."""
        return np.fromiter(map(self._numbers.__getitem__, ids), np.int64)

    def find(self, one: IdT) -> int:
        """The number of an id; -1 if it was not mentioned or is refused."""
        return self._numbers.get(one, -1)

    def ranks(self) -> Ints:
        """(n,) the place of each id in their order, so that ranks compare as the ids do."""
        if len(self._ranks) != len(self):
            self._ranks = np.empty(len(self), np.int64)
            self._ranks[sorted(range(len(self)), key=self.ids.__getitem__)] = np.arange(len(self))
        return self._ranks


class ItemIds(Ids[str]):
    """Ids of items, with what sets of items keep of them."""

    def __init__(self) -> None:
        super().__init__()
        self._fingerprints = np.zeros(0, np.uint32)

    def fingerprints(self) -> Fingerprints:
        """(n,) as of `item_set`."""
        new = self.ids[len(self._fingerprints) :]
        if new:
            self._fingerprints = np.concatenate([self._fingerprints, item_set.fingerprints(new)])
        return self._fingerprints
