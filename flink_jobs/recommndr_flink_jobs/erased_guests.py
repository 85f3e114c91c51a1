"""Takes the ids of erased shoppers out of the guests of all others.

A guest's state does not know whom the guest became, so each bucket looks through its shoppers' guests, which are a state of
their own. A login of the guest that comes after the erasure, because it was late, names it again until the next seeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from recommndr.features.guests import GuestsState
from recommndr.seed import GROUP_GUESTS
from recommndr_flink_jobs.entity import Entity, load
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.groups import GROUPS, Group
from recommndr_flink_jobs.life import Lives, place_of
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.store import Store

_GUESTS: Group[Any] = next(group for group in GROUPS["user"] if group.name == GROUP_GUESTS)


@dataclass(frozen=True, slots=True)
class ErasedGuests:
    """Changes the states of a bucket."""

    recent: RecentEntities

    def forget(self, erased: Sequence[tuple[str, str]], lives_of: Callable[[str], Lives], store: Store) -> list[Record]:
        """Forget these guests (tenant and id); returns the records of shoppers who had any of them."""
        ids = {(tenant, user_id.encode()) for tenant, user_id in erased}
        named = [
            (place, stored)
            for place, stored in store.of_group(GROUP_GUESTS)
            if any(_tenant(place) == tenant and user_id in stored for tenant, user_id in ids)
        ]
        return [record for place, stored in named for record in self._without(set(erased), place, stored, lives_of, store)]

    def _without(
        self, erased: set[tuple[str, str]], place: str, stored: bytes, lives_of: Callable[[str], Lives], store: Store
    ) -> list[Record]:
        generation, key = place_of(place)
        tenant = _tenant(place)
        entity: Entity[GuestsState] = self.recent.get((GROUP_GUESTS, place), lambda: load(_GUESTS, stored))
        kept = tuple(guest for guest in entity.state if (tenant, guest.guest_id) not in erased)
        if kept == entity.state:
            return []  # the bytes of the id were part of another
        entity.state = kept or _GUESTS.empty
        state = _GUESTS.to_bytes(kept) if kept else b""
        store.put(GROUP_GUESTS, place, entity.to_bytes(state))
        current = lives_of(tenant).current
        is_shown = current.is_shown and current.generation == generation
        return [Record(_GUESTS.topic.name, key.encode(), state or None)] if is_shown else []


def _tenant(place: str) -> str:
    return place_of(place)[1].partition("|")[0]
