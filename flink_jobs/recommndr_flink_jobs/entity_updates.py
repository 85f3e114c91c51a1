"""The messages from lift to fold: per bucket one message with the events and seeds of a pack, by entity, and the acts.

Dead letters of the lift are passed through, so that the job has one output.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import msgpack

from recommndr.features.action import Action
from recommndr.seed import EntityKind
from recommndr_flink_jobs.acts import ActAt
from recommndr_flink_jobs.acts import unpack as unpack_act


class EventAt(NamedTuple):
    """An action of one entity, its position in `events.v1`, and when the collector received it."""

    partition: int
    offset: int
    action: Action
    received_at_s: float


class Erasure(NamedTuple):
    """The position in `events.v1` before which everything of the entity is forgotten."""

    partition: int
    offset: int


class SeedRecord(NamedTuple):
    """A seed's group, position in the topic, generation and state."""

    group: str
    partition: int
    offset: int
    generation: int
    state: bytes


@dataclass(slots=True)
class EntityUpdates:
    """All events, seeds and erasures of one entity in a pack, for each group of its kind; `key` is `tenant|entity`."""

    kind: EntityKind
    key: str
    events: list[EventAt] = field(default_factory=list)
    seeds: list[SeedRecord] = field(default_factory=list)
    erasures: list[Erasure] = field(default_factory=list)
    called: list[str] = field(default_factory=list)  # groups whose row may be left over (`roll_call`)

    @property
    def tenant(self) -> str:
        """The entity's tenant."""
        return self.key.partition("|")[0]


class Record(NamedTuple):
    """A record to write; `received_at_s` is of the newest event that made it (0: none did), a value of None is a tombstone."""

    topic: str
    key: bytes
    value: bytes | None
    received_at_s: float = 0.0


@dataclass(slots=True)
class Message:
    """The part of a pack for one bucket."""

    updates: list[EntityUpdates] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)  # written unchanged
    acts: list[ActAt] = field(default_factory=list)
    announced: list[tuple[str, bytes]] = field(default_factory=list)  # tenant and generation; every bucket gets them
    caught_up: str = ""  # the id of a run that has caught up; every bucket gets it
    erased: list[tuple[str, str]] = field(
        default_factory=list
    )  # tenants and shoppers, who may be guests; every bucket gets them


def encode(message: Message) -> bytes:
    """Bytes of a message."""
    updates = [(one.kind, one.key, one.events, one.seeds, one.erasures, one.called) for one in message.updates]
    of_all = message.announced, message.caught_up, message.erased
    packed: bytes = msgpack.packb((updates, message.records, message.acts, *of_all))
    return packed


def decode(packed: bytes) -> Message:
    """Inverse of `encode`."""
    # everything in a message is a tuple
    updates, records, acts, announced, caught_up, erased = msgpack.unpackb(packed, use_list=False)
    return Message(
        [
            EntityUpdates(
                kind,
                key,
                [
                    EventAt(partition, offset, Action(*action), received_at_s)
                    for partition, offset, action, received_at_s in events
                ],
                [SeedRecord(*seed) for seed in seeds],
                [Erasure(*at) for at in erasures],
                list(called),
            )
            for kind, key, events, seeds, erasures, called in updates
        ],
        [Record(*record) for record in records],
        [unpack_act(act) for act in acts],
        list(announced),
        caught_up,
        list(erased),
    )
