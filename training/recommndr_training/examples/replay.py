"""Replays history into states with the code that folds the live stream (`recommndr.features`).

Events are folded once, in the order in which the shop knew them. A caller can ask for shoppers as of any instants
(`Replay.rows_at`) and for all states at the current position (`shoppers`, `guests`, `items`, `item_records`), and then go on.
Memory grows with shoppers and items, not with events.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from recommndr.features import guests, shopper
from recommndr.features.item import Records
from recommndr.features.merged_row import merged
from recommndr.features.shopper import ShopperRow
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr_training.examples.guest_book import GuestBook
from recommndr_training.examples.segment_book import SegmentBook
from recommndr_training.examples.shard import Asked
from recommndr_training.examples.shard_pool import ShardPool

# Rows that are answered together; they are kept as bytes, about a kilobyte each.
_MAX_ASKED = 100_000
_PLACES = 1 + guests.CAPACITY  # a request asks for the shopper and the shopper's guests


class Request(NamedTuple):
    """A shopper as known strictly before an instant."""

    user_id: str
    at_s: float


class Replay:
    """Goes through a tenant's history once; as a context manager it closes its pool.

    Parameters
    ----------
    events
        Tables of `history.SCHEMA` ordered by `known_s`, as `history.of_lines` and `history.of_lake` give them.
    pool
        The pool of processes that fold; the result does not depend on their number.
    progress
        Called with the number of events that were folded.
    segments
        Takes the events for the states of segments; None: nobody needs them.
    """

    def __init__(
        self,
        events: Iterable[pa.Table],
        pool: ShardPool,
        progress: Callable[[int], None] = lambda _: None,
        segments: SegmentBook | None = None,
    ) -> None:
        self._coming = iter(events)
        self._rest: pa.Table | None = None
        self._until_s = -np.inf
        self._progress = progress
        self._pool = pool
        self._book, self._segments = GuestBook(), segments

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.close()

    @property
    def until_s(self) -> float:
        """All events known before this instant are folded."""
        return self._until_s

    def advance_to(self, cut_s: float) -> None:
        """Fold every event known before `cut_s`; raises `ValueError` if the replay is already further."""
        for events in self._before(cut_s):
            self._pool.add(self._book.take(events))
            if self._segments is not None:
                self._segments.take(events)

    def rows_at(self, requests: Sequence[Request]) -> Iterator[tuple[Request, ShopperRow | None]]:
        """Each request (they must come oldest first) with the shopper's row as serving would have read it then.

        The guests that had become the shopper are merged in. None is an unknown shopper without known guests. After the last
        request, the replay is at its instant.
        """
        instants_s = [request.at_s for request in requests]
        if any(earlier > later for earlier, later in pairwise(instants_s)):
            raise ValueError("requests: expected oldest first")
        if instants_s and instants_s[0] < self._until_s:
            raise ValueError(f"request at {instants_s[0]}: expected at least {self._until_s}, where the replay stands")
        n_asked = n_told = 0
        for events in self._before(instants_s[-1]) if instants_s else ():
            # requests within these events' time go first, because the pool decides when it folds
            n_due = bisect_right(instants_s, events["known_s"][-1].as_py())
            acts = self._book.take(events)
            self._ask(requests, n_asked, n_due)
            self._pool.add(acts)
            n_asked = n_due
            if n_asked - n_told >= _MAX_ASKED:
                yield from self._told(requests)
                n_told = n_asked
        for start in range(n_asked, len(requests), _MAX_ASKED):
            self._ask(requests, start, start + _MAX_ASKED)
            yield from self._told(requests)
        yield from self._told(requests)

    def _ask(self, requests: Sequence[Request], start: int, stop: int) -> None:
        asked: list[Asked] = []
        for number in range(start, min(stop, len(requests))):
            user_id, at_s = requests[number]
            ids = (user_id, *self._book.guest_ids(user_id, at_s))
            asked += [Asked(number * _PLACES + place, one, at_s) for place, one in enumerate(ids)]
        self._pool.ask(asked)

    def _told(self, requests: Sequence[Request]) -> Iterator[tuple[Request, ShopperRow | None]]:
        for number, answers in groupby(self._pool.answers(), lambda answer: answer.number // _PLACES):
            own, *of_guests = (answer.state for answer in answers)
            yield requests[number], _row(own, [state for state in of_guests if state is not None])

    def _before(self, cut_s: float) -> Iterator[pa.Table]:
        if cut_s < self._until_s:
            raise ValueError(f"cut {cut_s}: expected at least {self._until_s}, where the replay stands")
        self._until_s = cut_s
        while (events := self._rest or next(self._coming, None)) is not None:
            n_before = int(np.searchsorted(events["known_s"].to_numpy(), cut_s))
            self._rest = events.slice(n_before) if n_before < len(events) else None
            if n_before:
                yield events.slice(0, n_before)
                self._progress(n_before)
            if self._rest is not None:
                return

    def count(self) -> tuple[int, int]:
        """Number of shoppers and items known at the current position."""
        return self._pool.count()

    def shoppers(self) -> Iterator[tuple[str, bytes]]:
        """Every shopper's state as bytes of its group, by id."""
        return self._pool.states(GROUP_USER)

    def guests(self) -> Iterator[tuple[str, bytes]]:
        """The guests of every shopper who has any, as bytes of their group, by the shopper's id."""
        return self._book.states()

    def added(self, group: str) -> Iterator[tuple[str, bytes]]:
        """Every shopper's state of a group of `recommndr.features.added`, as its bytes, by id."""
        return self._pool.states(group)

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Every item's state as bytes of its group, by id."""
        return self._pool.states(GROUP_ITEM)

    def segments(self) -> Iterator[tuple[str, bytes]]:
        """Every item's state in every segment as bytes of its group, by its entity; none without a book of them."""
        return iter(()) if self._segments is None else self._segments.states()

    def item_records(self) -> tuple[list[str], Records]:
        """Sorted item ids and their (n,) `item.DTYPE` records, as slots read them."""
        return self._pool.item_records()


def _row(own: bytes | None, of_guests: Sequence[bytes]) -> ShopperRow | None:
    """The row of a shopper's state, if there is one, with those of the guests merged in."""
    rows = [_read(state) for state in of_guests]
    if own is not None:
        return merged(_read(own), *rows)
    if not rows:
        return None
    nobody = shopper.read(shopper.default_columns())
    return merged(replace(nobody, purchased_half_life_s=rows[0].purchased_half_life_s), *rows)


def _read(state: bytes) -> ShopperRow:
    return shopper.read(shopper.columns(shopper.from_bytes(state)))
