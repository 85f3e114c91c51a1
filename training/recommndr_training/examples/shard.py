"""A share of a replay: the shoppers and items whose ids hash to it; each one is folded in one shard only.

Events wait as arrays until there are many. Then they are folded together (`recommndr.features.arrays`): states are arrays, too,
and become bytes when somebody asks for them.
"""

import os
import resource
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pyarrow as pa

from recommndr.counting import Counting
from recommndr.features import added, item, shopper
from recommndr.features.arrays.acts import Acts, Names, joined
from recommndr.features.arrays.ids import Ids
from recommndr.features.arrays.items import Items
from recommndr.features.arrays.runs import Flags, Ints
from recommndr.features.arrays.shoppers import Shoppers
from recommndr.features.decay import FloatArray
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr_training.examples.act_arrays import ItemLines, acts_of, half_to, is_doubted, item_lines
from recommndr_training.examples.added_states import AddedStates

MAX_WAITING = 1_000_000  # events, about 80 bytes each; larger packs fold faster but take more memory


@dataclass(frozen=True, slots=True)
class Share:
    """Shard `number` of `n`."""

    number: int = 0
    n: int = 1

    def owns(self, entity_id: str) -> bool:
        """Whether the shopper or item is folded here."""
        return self.n == 1 or crc32(entity_id.encode()) % self.n == self.number


class Asked(NamedTuple):
    """A request for a shopper's state as of an instant."""

    number: int  # the caller's number of the request
    user_id: str
    at_s: float


class Answer(NamedTuple):
    """The shopper's bytes as of that instant; None when nothing was known."""

    number: int
    state: bytes | None


@dataclass(slots=True)
class _Waiting:
    """What is to be folded, in parts as it came."""

    acts: list[Acts] = field(default_factory=list)
    known_s: list[FloatArray] = field(default_factory=list)
    lines: list[ItemLines] = field(default_factory=list)
    events: list[pa.Table] = field(default_factory=list)  # for added groups
    n: int = 0


class Shard:
    """Folds its share of a history. Events come in `known_s` order; a request comes before the events that it must not see.

    With `shoppers` it folds those alone, and all items of its share.
    """

    def __init__(
        self, share: Share, counting: Counting, max_waiting: int = MAX_WAITING, shoppers: Collection[str] | None = None
    ) -> None:
        self.share = share
        only = None if shoppers is None else frozenset(shoppers)
        self._names = Names(lambda user_id: share.owns(user_id) and (only is None or user_id in only))
        self._owns_item: Flags = np.zeros(0, np.bool_)
        self._max_waiting = max_waiting
        self._shoppers = Shoppers(counting, self._names, half_to)
        self._added = AddedStates()
        self._items = Items(half_to)
        self._waiting = _Waiting()
        self._asked: dict[str, list[Asked]] = defaultdict(list)
        self._answers: list[Answer] = []
        self._pages: dict[str, Ints] = {}  # numbers in the order of ids

    def add(self, events: pa.Table) -> None:
        """Take this share's events from a table (`history.SCHEMA`); folds when enough are waiting."""
        waiting, doubted = self._waiting, is_doubted(events)
        acts = acts_of(events, self._names)
        waiting.lines.append(item_lines(acts, doubted, self._owned_items()))
        mine = np.flatnonzero(acts.user >= 0)
        waiting.acts.append(acts.take(mine))
        waiting.known_s.append(events["known_s"].to_numpy()[mine])
        if added.NAMES:
            waiting.events.append(events.take(pa.array(mine)))
        waiting.n += len(mine)
        if waiting.n >= self._max_waiting:
            self.fold()

    def _owned_items(self) -> Flags:
        new = self._names.items.ids[len(self._owns_item) :]
        self._owns_item = np.concatenate([self._owns_item, np.fromiter(map(self.share.owns, new), np.bool_, len(new))])
        return self._owns_item

    def ask(self, asked: Sequence[Asked]) -> None:
        """Add requests, which `answers` returns; requests for one shopper come oldest first."""
        for one in asked:
            self._asked[one.user_id].append(one)

    def answers(self) -> list[Answer]:
        """Answers to the requests since the last call, in any order."""
        self.fold()
        answers, self._answers = self._answers, []
        return answers

    def fold(self) -> None:
        """Fold all waiting events and answer all requests on the way."""
        waiting, self._waiting = self._waiting, _Waiting()
        if waiting.n:
            self._fold_shoppers(joined(waiting.acts), np.concatenate(waiting.known_s))
            self._added.fold(waiting.events)
        elif self._asked:
            self._answer([one for asked in self._asked.values() for one in asked])
        self._asked.clear()
        if waiting.lines:
            columns = ([getattr(part, name) for part in waiting.lines] for name in ("item", "kind", "at_s", "n"))
            self._items.fold(*map(np.concatenate, columns))

    def _fold_shoppers(self, acts: Acts, known_s: FloatArray) -> None:
        """In rounds: each shopper's events before the first request for the shopper, the answers to it, and so on."""
        n_before = _requests_before(acts.user, known_s, self._asked, self._names.users)
        by_round = np.argsort(n_before, kind="stable")
        n_rounds = 1 + max((len(asked) for asked in self._asked.values()), default=0)
        bounds = np.searchsorted(n_before[by_round], np.arange(n_rounds + 1))
        for number in range(n_rounds):
            self._shoppers.fold(acts.take(by_round[bounds[number] : bounds[number + 1]]) if n_rounds > 1 else acts)
            self._answer([asked[number] for asked in self._asked.values() if len(asked) > number])

    def _answer(self, asked: Sequence[Asked]) -> None:
        """By the states as they are."""
        users = np.array([self._names.users.find(one.user_id) for one in asked], np.int64)
        known = np.flatnonzero(users >= 0)
        known = known[self._shoppers.is_known(users[known])]
        states = dict(zip(known.tolist(), self._bytes(users[known]), strict=True))
        self._answers += [Answer(one.number, states.get(place)) for place, one in enumerate(asked)]

    def _bytes(self, users: Ints) -> list[bytes]:
        return list(map(shopper.to_bytes, self._shoppers.states(users)))

    def count(self) -> tuple[int, int]:
        """Number of shoppers and items after everything is folded."""
        self.fold()
        return len(self._shoppers.known()), len(self._items.known())

    def memory(self) -> tuple[int, int]:
        """The process id, and the peak memory of the process in kilobytes."""
        return os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def page(self, group: str, start: int, n: int) -> list[tuple[str, bytes]]:
        """States of a group (`recommndr.seed.GROUP_*`) sorted by id, `n` from position `start`; the first page folds."""
        if start == 0:
            self.fold()
        if group not in (GROUP_USER, GROUP_ITEM):
            states = self._added.of(group)
            return [(user_id, states[user_id]) for user_id in sorted(states)[start : start + n]]
        ids: Ids[str] = self._names.items if group == GROUP_ITEM else self._names.users
        if start == 0:
            self._pages[group] = _by_id(ids, self._items.known() if group == GROUP_ITEM else self._shoppers.known())
        here = self._pages[group][start : start + n]
        values = item.values(self._items.records(here)) if group == GROUP_ITEM else self._bytes(here)
        return list(zip(_named(ids, here), values, strict=True))

    def item_records(self) -> tuple[list[str], item.Records]:
        """All items' ids, sorted, and their (n,) records, after everything is folded."""
        self.fold()
        known = _by_id(self._names.items, self._items.known())
        return _named(self._names.items, known), self._items.records(known)


def _by_id(ids: Ids[str], numbers: Ints) -> Ints:
    return numbers[np.argsort(ids.ranks()[numbers])]


def _named(ids: Ids[str], numbers: Ints) -> list[str]:
    return [ids.ids[number] for number in numbers.tolist()]


def _requests_before(users: Ints, known_s: FloatArray, asked: dict[str, list[Asked]], ids: Ids[str]) -> Ints:
    """(n,) for each event the number of requests for its shopper that must not see it: those of its instant or earlier."""
    found = np.zeros(len(users), np.int64)
    requests = [(ids.find(user_id), one.at_s) for user_id, theirs in asked.items() for one in theirs]
    of_user = np.array([user for user, _ in requests if user >= 0], np.int64)
    if not len(of_user):
        return found
    at_s = np.array([instant_s for user, instant_s in requests if user >= 0])
    is_asked = np.zeros(int(max(users.max(), of_user.max())) + 1, np.bool_)
    is_asked[of_user] = True
    theirs = np.flatnonzero(is_asked[users])
    both = np.concatenate([of_user, users[theirs]])
    is_event = np.repeat([False, True], [len(of_user), len(theirs)])
    order = np.lexsort((is_event, np.concatenate([at_s, known_s[theirs]]), both))
    n_so_far = np.cumsum(~is_event[order])
    first = np.searchsorted(both[order], both[order])  # of each one's shopper
    n_before = n_so_far - np.where(first > 0, n_so_far[first - 1], 0)
    events = is_event[order]
    found[theirs[order[events] - len(of_user)]] = n_before[events]
    return found
