"""Marks events that say little about an item: a shopper's many repeats, and what robots do. No I/O and no clock.

Such an event is kept, in the shopper's own history and in the lake, with the mark in its `doubt`; counters of items, outcomes
and training leave it out. So one robot with 100,000 views does not outrank a thousand buyers, and the stream, replays and
training agree, because the mark is part of the event.

**repeated**: the shopper did the same with all items of the event more often that day than the shop's `max_repeats_per_day`.
**robot**: by rate, more events within an hour than the shop's `robot_events_per_hour`; or by shape, 60 events or more within an
hour at even intervals. The mark lasts until an hour without either. Impressions do not count for the rate, because pages send
them by themselves; purchases that the shop's server sends are never doubted.

Each process has its own counts and loses them when it stops; those unused for longest are forgotten first.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from recommndr.events import Doubt
from recommndr.tenancy import TenantPolicy

_HOUR_S, _DAY_S = 3_600.0, 86_400.0
# About 40 MB and 20 MB.
MAX_REPEATS = 200_000
MAX_SHOPPERS = 100_000
_MANY = 60  # events from which intervals tell something
# Standard deviation over mean of the intervals of events. People's is above 1, a timer's with network jitter below .2.
_EVEN = 0.25
_MIN_INTERVAL_S = 0.5  # what comes at once is one page that sends several events

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class _Newest(Generic[Key, Value]):
    """A dict that forgets what was unused for longest."""

    most: int
    _values: OrderedDict[Key, Value] = field(default_factory=OrderedDict)

    def get(self, key: Key) -> Value | None:
        return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self.most:
            self._values.popitem(last=False)

    def __len__(self) -> int:
        return len(self._values)


class Repeats(NamedTuple):
    """How often something was done on a day."""

    day: int
    n: int


@dataclass(slots=True)
class Pace:
    """A shopper's events within an hour: how many, and the sums of their intervals and of these squared."""

    hour: int
    n: int = 0
    last_s: float = 0.0
    n_intervals: int = 0
    sum_s: float = 0.0
    squares: float = 0.0
    robot_in: int = -2  # the last hour in which it looked like a robot

    def add(self, at_s: float) -> None:
        """Take one event."""
        hour = int(at_s // _HOUR_S)
        if hour > self.hour:
            self.hour, self.n, self.n_intervals, self.sum_s, self.squares = hour, 0, 0, 0.0, 0.0
        interval_s = at_s - self.last_s
        if self.n and interval_s >= _MIN_INTERVAL_S:
            self.n_intervals += 1
            self.sum_s += interval_s
            self.squares += interval_s * interval_s
        self.n += 1
        self.last_s = max(self.last_s, at_s)

    @property
    def is_even(self) -> bool:
        """Whether the events came at even intervals."""
        if self.n_intervals < _MANY:
            return False
        mean_s = self.sum_s / self.n_intervals
        return self.squares / self.n_intervals - mean_s * mean_s < (_EVEN * mean_s) ** 2


@dataclass(slots=True)
class Doubts:
    """The counts of one collector."""

    max_repeats: int = MAX_REPEATS
    max_shoppers: int = MAX_SHOPPERS
    _repeats: _Newest[tuple[str, str, str, str], Repeats] = field(init=False)
    _paces: _Newest[tuple[str, str], Pace] = field(init=False)

    def __post_init__(self) -> None:
        self._repeats, self._paces = _Newest(self.max_repeats), _Newest(self.max_shoppers)

    def of(
        self, shopper: tuple[str, str], kind: str, item_ids: Sequence[str], at_s: float, policy: TenantPolicy
    ) -> Doubt | None:
        """Count an event of a shopper (tenant, user id) and say whether it is in doubt."""
        n_repeats = [self._repeated(shopper, kind, item_id, at_s) for item_id in item_ids]
        if kind != "impression" and self._is_robot(shopper, at_s, policy.robot_events_per_hour):
            return "robot"
        return "repeated" if n_repeats and min(n_repeats) > policy.max_repeats_per_day else None

    def _repeated(self, shopper: tuple[str, str], kind: str, item_id: str, at_s: float) -> int:
        key, day = (*shopper, kind, item_id), int(at_s // _DAY_S)
        known = self._repeats.get(key)
        found = Repeats(day, 1) if known is None or known.day < day else Repeats(known.day, known.n + 1)
        self._repeats.put(key, found)
        return found.n

    def _is_robot(self, shopper: tuple[str, str], at_s: float, per_hour: int) -> bool:
        pace = self._paces.get(shopper) or Pace(int(at_s // _HOUR_S))
        pace.add(at_s)
        if pace.n > per_hour or pace.is_even:
            pace.robot_in = pace.hour
        self._paces.put(shopper, pace)
        return pace.hour - pace.robot_in <= 1
