"""Forgets shoppers who have not come for a long time, and items that have not been taken in a segment for a long time.

Their states go, and tombstones are written for their rows. Once a day each bucket looks through its states.
What is known of them stays in the lake, so the next seeds bring back who has
returned since. A time to live of Flink's would drop states in silence, and their rows would stay for ever.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from recommndr.features import segment, user
from recommndr.seed import GROUP_SEGMENT, GROUP_USER, SEEDED, EntityKind
from recommndr_flink_jobs import room
from recommndr_flink_jobs.buckets import share_of_bucket
from recommndr_flink_jobs.entity import state_in
from recommndr_flink_jobs.entity_updates import Message, Record
from recommndr_flink_jobs.groups import GROUPS
from recommndr_flink_jobs.life import FOR_EVER, Lives, place_of
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.store import SWEPT, Store

DEFAULT_KEPT_S = user.SCHEMA.ttl.total_seconds()
_DAY_S = 86_400
_APART_S = _DAY_S // 16  # buckets do not all stop at midnight


@dataclass(frozen=True, slots=True)
class IdleShoppers:
    """`kept_s` says by tenant for how long a shopper is kept after the last event."""

    kept_s: Mapping[str, float]
    now: Callable[[], datetime]
    recent: RecentEntities

    def due(self, bucket: int, message: Message, store: Store) -> float | None:
        """The time of the day's look at the bucket, if it has not been yet.

        It is when the newest event was received, or now if that is earlier, so that one wrong clock makes nobody forgotten.
        """
        received_s = max((one.received_at_s for updates in message.updates for one in updates.events), default=0.0)
        now_s = min(received_s, self.now().timestamp())
        day = int((now_s - share_of_bucket(bucket) * _APART_S) // _DAY_S)
        swept = self.recent.get((SWEPT, str(bucket)), lambda: _day(store.get(SWEPT, str(bucket)) or b"0"))
        if day <= swept:
            return None
        self.recent.forget((SWEPT, str(bucket)))
        store.put(SWEPT, str(bucket), str(day).encode())
        return now_s if swept else None  # the first day there is nobody to forget

    def records(self, lives_of: Callable[[str], Lives], now_s: float, store: Store) -> Iterator[Record]:
        """Tombstones of the forgotten; their states leave the store."""
        for kind, place in list(self._idle(now_s, store)):
            generation, key = place_of(place)
            current = lives_of(key.partition("|")[0]).current
            is_shown = current.is_shown and current.generation == generation
            for group in GROUPS[kind]:
                where = place if group.name in SEEDED else FOR_EVER.place(key)
                if (group.name in SEEDED or is_shown) and store.get(group.name, where) is not None:
                    store.remove(group.name, where)
                    self.recent.forget((group.name, where))
                    room.count(group, where, -1, store)
                    if is_shown:
                        yield Record(group.topic.name, key.encode(), None)

    def _idle(self, now_s: float, store: Store) -> Iterator[tuple[EntityKind, str]]:
        for group, place, stored in store.items():
            if group == GROUP_SEGMENT and (state := state_in(stored)) and _newest_s(state) < now_s - segment.KEPT_S:
                yield "segment", place
            if group == GROUP_USER and (state := state_in(stored)):  # an erased shopper's has none
                tenant = place_of(place)[1].partition("|")[0]
                last_s = max(counter.at_s for counter in user.from_bytes(state).counters.values())
                if last_s < now_s - self.kept_s.get(tenant, DEFAULT_KEPT_S):
                    yield "user", place


def _newest_s(state: bytes) -> float:
    return segment.from_bytes(state).at_s


def _day(stored: bytes) -> int:
    return int(stored)
