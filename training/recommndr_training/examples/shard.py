"""A share of a replay: the shoppers and items whose ids hash to it; each one is folded in one shard only.

Events wait until there are many. Then each shopper's are grouped, and a state is read, folded and written once for all of them.
Shoppers are kept as the bytes of their group, which take a third of the memory of Python objects.
"""

import gc
import os
import resource
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.counting import Counting
from recommndr.events import N_KIND_SLOTS
from recommndr.features import added, item, shopper
from recommndr.features.action import Action
from recommndr.features.item import ItemState
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr_training.data.history import iter_actions

MAX_WAITING = 1_000_000  # events, about 150 bytes each; larger packs fold faster but take more memory
_BLOCK = 50_000  # events or lines that are Python objects at the same time


@dataclass(frozen=True, slots=True)
class Share:
    """Shard `number` of `n`."""

    number: int = 0
    n: int = 1

    def owns(self, entity_id: str) -> bool:
        """Whether the shopper or item is folded here."""
        return self.n == 1 or crc32(entity_id.encode()) % self.n == self.number

    def owned(self, entity_ids: pa.Array) -> npt.NDArray[np.bool_]:
        """Which of the entities are folded here."""
        encoded = entity_ids.dictionary_encode()
        owned = np.array([self.owns(one) for one in encoded.dictionary.to_numpy(zero_copy_only=False)], bool)
        of_rows: npt.NDArray[np.bool_] = owned[encoded.indices.to_numpy()]
        return of_rows


class Asked(NamedTuple):
    """A request for a shopper's state as of an instant."""

    number: int  # the caller's number of the request
    user_id: str
    at_s: float


class Answer(NamedTuple):
    """The shopper's bytes as of that instant; None when nothing was known."""

    number: int
    state: bytes | None


class Shard:
    """Folds its share of a history. Events come in `known_s` order; a request comes before the events that it must not see.

    With `shoppers` it folds those alone, and all items of its share.
    """

    def __init__(
        self, share: Share, counting: Counting, max_waiting: int = MAX_WAITING, shoppers: Collection[str] | None = None
    ) -> None:
        self.share = share
        self._only = None if shoppers is None else pa.array(sorted(shoppers), pa.string())
        self._counting = counting
        self._max_waiting = max_waiting
        self._shoppers: dict[str, bytes] = {}
        self._items: dict[str, ItemState] = {}
        self._item_bytes: dict[str, bytes] = {}  # of items that were asked for and have had no event since
        self._events: list[pa.Table] = []
        self._lines: list[pa.Table] = []
        self._n_waiting = 0
        self._asked: dict[str, list[Asked]] = defaultdict(list)
        self._answers: list[Answer] = []
        self._ids: dict[str, list[str]] = {}
        self._added: dict[str, dict[str, bytes]] = {name: {} for name in added.NAMES}

    def add(self, events: pa.Table) -> None:
        """Take this share's events from a table (`history.SCHEMA`); folds when enough are waiting."""
        events = events.combine_chunks()
        self._lines.append(self._own_lines(_undoubted(events)))
        if self.share.n > 1:
            events = events.filter(pa.array(self.share.owned(events["user_id"].combine_chunks())))
        if self._only is not None:
            events = events.filter(pc.is_in(events["user_id"], self._only))
        self._events.append(events)
        self._n_waiting += events.num_rows
        if self._n_waiting >= self._max_waiting:
            self.fold()

    def _own_lines(self, events: pa.Table) -> pa.Table:
        """Number of lines of an event with an item: `item_id`, `kind`, `at_s`, `n`."""
        item_ids = events["item_ids"].combine_chunks()
        lines = pa.table({"event": pc.list_parent_indices(item_ids), "item_id": item_ids.flatten()})
        if self.share.n > 1:
            lines = lines.filter(pa.array(self.share.owned(lines["item_id"].combine_chunks())))
        codes = lines["item_id"].combine_chunks().dictionary_encode()
        n_items = max(1, len(codes.dictionary))
        of_event = lines["event"].to_numpy().astype(np.int64)
        pairs, n = np.unique(of_event * n_items + codes.indices.to_numpy(), return_counts=True)
        events = events.select(["kind", "at_s"]).take(pa.array(pairs // n_items))
        return pa.table(
            {
                "item_id": codes.dictionary.take(pa.array(pairs % n_items)),
                "kind": events["kind"],
                "at_s": events["at_s"],
                "n": pa.array(n.astype(np.float64)),
            }
        )

    def ask(self, asked: Sequence[Asked]) -> None:
        """Add requests, which `answers` returns; requests for one shopper come oldest first."""
        for one in asked:
            self._asked[one.user_id].append(one)

    def answers(self) -> list[Answer]:
        """Answers to the requests since the last call, in any order."""
        self.fold()
        for user_id, asked in self._asked.items():
            self._answers += [Answer(one.number, self._shoppers.get(user_id)) for one in asked]
        self._asked.clear()
        answers, self._answers = self._answers, []
        return answers

    def fold(self) -> None:
        """Fold all waiting events."""
        events, lines = self._events, self._lines
        self._events, self._lines, self._n_waiting = [], [], 0
        with _no_garbage_collection():
            for actions, known_s in _packs(events):
                self._fold_shopper(actions, known_s)
            for pack in _item_packs(lines):
                self._item_bytes.pop(pack.item_id, None)
                self._items[pack.item_id] = item.fold(self._items.get(pack.item_id, item.EMPTY), pack.kind, pack.at_s, pack.n)

    def _fold_shopper(self, actions: Sequence[Action], known_s: Sequence[float]) -> None:
        user_id, n_folded = actions[0].user_id, 0
        stored = self._shoppers.get(user_id)
        state = shopper.EMPTY if stored is None else shopper.from_bytes(stored)
        for asked in self._asked.pop(user_id, ()):
            n_known = bisect_left(known_s, asked.at_s)
            if n_known > n_folded:
                state = shopper.fold(state, actions[n_folded:n_known], self._counting)
                stored, n_folded = shopper.to_bytes(state), n_known
            self._answers.append(Answer(asked.number, stored))
        if n_folded < len(actions):
            stored = shopper.to_bytes(shopper.fold(state, actions[n_folded:], self._counting))
        self._shoppers[user_id] = stored or b""
        for group in added.groups():
            if taken := [action for action in actions if group.takes(action)]:
                of_group = self._added[group.SCHEMA.name]
                state = group.from_bytes(of_group[user_id]) if user_id in of_group else group.EMPTY
                of_group[user_id] = group.to_bytes(group.fold(state, taken))

    def _of_shoppers(self, group: str) -> dict[str, bytes]:
        return self._shoppers if group == GROUP_USER else self._added[group]

    def count(self) -> tuple[int, int]:
        """Number of shoppers and items after everything is folded."""
        self.fold()
        return len(self._shoppers), len(self._items)

    def memory(self) -> tuple[int, int]:
        """The process id, and the peak memory of the process in kilobytes."""
        return os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def page(self, group: str, start: int, n: int) -> list[tuple[str, bytes]]:
        """States of a group (`recommndr.seed.GROUP_*`) sorted by id, `n` from position `start`; the first page folds."""
        if start == 0:
            self.fold()
            self._ids[group] = sorted(self._items if group == GROUP_ITEM else self._of_shoppers(group))
        ids = self._ids[group][start : start + n]
        if group != GROUP_ITEM:
            states = self._of_shoppers(group)
            return [(user_id, states[user_id]) for user_id in ids]
        for item_id in ids:
            if item_id not in self._item_bytes:
                self._item_bytes[item_id] = item.to_bytes(self._items[item_id])
        return [(item_id, self._item_bytes[item_id]) for item_id in ids]


def _undoubted(events: pa.Table) -> pa.Table:
    """As `item.lift`: doubted events do not count for items."""
    doubted = events["doubted"]
    return events if doubted.null_count == len(doubted) else events.filter(pc.invert(pc.fill_null(doubted, False)))


class ItemPack(NamedTuple):
    """Events of one kind with one item, oldest first."""

    item_id: str
    kind: int
    at_s: list[float]
    n: list[float]


def _packs(tables: Sequence[pa.Table]) -> Iterator[tuple[list[Action], list[float]]]:
    """Each shopper's actions and when they were known, in order."""
    if not tables:
        return
    events = pa.concat_tables(tables).combine_chunks()
    users = events["user_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.argsort(users, kind="stable")
    for bounds in _blocks(users[order]):
        block = events.take(pa.array(order[bounds[0] : bounds[-1]]))
        actions, known_s = list(iter_actions(block)), block["known_s"].to_numpy().tolist()
        for start, stop in pairwise([bound - bounds[0] for bound in bounds]):
            yield actions[start:stop], known_s[start:stop]


def _item_packs(tables: Sequence[pa.Table]) -> Iterator[ItemPack]:
    if not tables:
        return
    lines = pa.concat_tables(tables)
    items = pa.chunked_array(lines["item_id"].chunks, pa.string()).combine_chunks().dictionary_encode()
    key = items.indices.to_numpy().astype(np.int64) * N_KIND_SLOTS + lines["kind"].to_numpy()
    order = np.argsort(key, kind="stable")
    at_s, n = lines["at_s"].to_numpy(), lines["n"].to_numpy()
    for bounds in _blocks(key[order]):
        places = order[bounds[0] : bounds[-1]]
        block_at_s, block_n = at_s[places].tolist(), n[places].tolist()
        codes = key[order[bounds[:-1]]]
        item_ids = items.dictionary.take(pa.array(codes // N_KIND_SLOTS)).to_pylist()
        spans = pairwise([bound - bounds[0] for bound in bounds])
        for item_id, kind, (start, stop) in zip(item_ids, (codes % N_KIND_SLOTS).tolist(), spans, strict=True):
            yield ItemPack(item_id, kind, block_at_s[start:stop], block_n[start:stop])


def _blocks(keys: npt.NDArray[np.integer]) -> Iterator[list[int]]:
    """Starts of the runs of equal keys and the end of the last, in blocks of about `_BLOCK` that do not split runs."""
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]][: len(keys)])
    bounds = np.r_[starts, len(keys)]
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(bounds, bounds[first] + _BLOCK, "right")) - 1)
        yield bounds[first : last + 1].tolist()
        first = last


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    # States have no cycles, but each full collection walks all of them: a third of the time of a replay.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
