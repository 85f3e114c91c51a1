"""The messages from lift to fold: per bucket one message with the events and seeds of a pack, by entity.

Dead letters of the lift ride along to be written as they are, so that the job has one output.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import msgpack

from recommndr.features.deed import Deed


class EventAt(NamedTuple):
    """A deed of one entity, and its position in `events.v1`."""

    partition: int
    offset: int
    deed: Deed


class SeedRecord(NamedTuple):
    """A seed's bytes, and their position in `seeds.v1`."""

    partition: int
    offset: int
    value: bytes


@dataclass(slots=True)
class EntityUpdates:
    """All events and seeds of one entity in a pack; `key` is `tenant|entity`."""

    group: str
    key: str
    events: list[EventAt] = field(default_factory=list)
    seeds: list[SeedRecord] = field(default_factory=list)


class Record(NamedTuple):
    """One record the job writes."""

    topic: str
    key: bytes
    value: bytes


@dataclass(slots=True)
class Message:
    """The part of a pack for one bucket."""

    updates: list[EntityUpdates]
    records: list[Record]  # to be written as they are


def encode(message: Message) -> bytes:
    """Bytes of a message."""
    updates = [(one.group, one.key, [_pack(event) for event in one.events], one.seeds) for one in message.updates]
    packed: bytes = msgpack.packb((updates, message.records))
    return packed


def decode(packed: bytes) -> Message:
    """Inverse of `encode`."""
    updates, records = msgpack.unpackb(packed)
    return Message(
        [
            EntityUpdates(group, key, [_unpack(row) for row in events], [SeedRecord(*seed) for seed in seeds])
            for group, key, events, seeds in updates
        ],
        [Record(*record) for record in records],
    )


def _pack(event: EventAt) -> tuple[object, ...]:
    deed = event.deed
    return (
        event.partition, event.offset,
        deed.kind, deed.at_s, deed.event_id, deed.user_id, deed.item_ids, deed.device, deed.os, deed.country, deed.region,
        deed.sender,
    )  # fmt: skip


def _unpack(row: list[object]) -> EventAt:
    partition, offset, kind, at_s, event_id, user_id, item_ids, *rest = row
    deed = Deed(kind, at_s, event_id, user_id, tuple(item_ids), *rest)  # type: ignore[arg-type]
    return EventAt(partition, offset, deed)  # type: ignore[arg-type]
