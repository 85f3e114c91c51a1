"""All Kafka topics: name, key, retention. A test compares the documents with this file."""

from dataclasses import dataclass, field
from typing import NamedTuple

from recommndr import added_groups
from recommndr.identity import entity_key, split_key

_HOUR_MS = 3_600_000
SEED_SIDES = (0, 1)  # seeds of two generations may be there at a time
PARTITIONS = 8  # fixed when an installation is created: a key must not change its partition

# Values are replaced per key; a new reader sees the newest of each after at most max.compaction.lag.
_COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "60000",
    "max.compaction.lag.ms": "300000",
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": str(24 * _HOUR_MS),
}


def _kept(hours: int) -> dict[str, str]:
    # Kafka does not delete the segment being written, so a quiet shop's would be kept for Kafka's default week.
    return {"cleanup.policy": "delete", "retention.ms": str(hours * _HOUR_MS), "segment.ms": str(_HOUR_MS)}


@dataclass(frozen=True)
class Topic:
    """One topic of the installation."""

    name: str
    key: str
    kept: str
    config: dict[str, str] = field(default_factory=dict)
    partitions: int = PARTITIONS


EVENTS = Topic("recommndr.events.v1", "tenant|user", "72 h", _kept(72))
# A shopper's state in three parts, so that a view does not rewrite what was bought.
USER_FEATURES = Topic("recommndr.features.user.v1", "tenant|user", "compacted", _COMPACTED)
PURCHASED_FEATURES = Topic("recommndr.features.purchased.v1", "tenant|user", "compacted", _COMPACTED)
SEEN_FEATURES = Topic("recommndr.features.seen.v1", "tenant|user", "compacted", _COMPACTED)
ADDED_FEATURES = tuple(
    Topic(f"recommndr.features.{name}.v1", "tenant|user", "compacted", _COMPACTED) for name in added_groups.NAMES
)
ITEM_FEATURES = Topic("recommndr.features.item.v1", "tenant|item", "compacted", _COMPACTED)
SEGMENT_FEATURES = Topic("recommndr.features.segment.v1", "tenant|segment, item", "compacted", _COMPACTED)
# A partial is written for some days after its lists were shown; a release is judged within weeks.
OUTCOMES = Topic(
    "recommndr.outcomes.v1",
    "tenant|outcome",
    "compacted, 90 d",
    _COMPACTED | {"cleanup.policy": "compact,delete", "retention.ms": str(90 * 24 * _HOUR_MS)},
)
GUESTS = Topic("recommndr.guests.v1", "tenant|user", "compacted", _COMPACTED)
# What the job tells itself: orders for the guests of shoppers, and entities whose rows may be left over.
NOTES = Topic("recommndr.notes.v1", "tenant|user", "72 h", _kept(72))
SEEDS = Topic("recommndr.seeds.v2", "tenant|group.side:entity", "compacted", _COMPACTED)
GENERATIONS = Topic("recommndr.generations.v1", "tenant|step", "compacted", _COMPACTED)
CATALOG = Topic("recommndr.catalog.v1", "tenant|item", "compacted", _COMPACTED)
AVAILABILITY = Topic("recommndr.availability.v1", "tenant|item", "compacted", _COMPACTED)
SERVED = Topic("recommndr.served.v1", "tenant|user", "72 h", _kept(72))
DEAD_LETTER = Topic("recommndr.dead-letter.v1", "topic:partition:offset", "30 d", _kept(30 * 24))

TOPICS = (
    EVENTS,
    USER_FEATURES,
    PURCHASED_FEATURES,
    SEEN_FEATURES,
    ITEM_FEATURES,
    SEGMENT_FEATURES,
    OUTCOMES,
    GUESTS,
    *ADDED_FEATURES,
    NOTES,
    SEEDS,
    GENERATIONS,
    CATALOG,
    AVAILABILITY,
    SERVED,
    DEAD_LETTER,
)

SHOPPER_FEATURES = (USER_FEATURES, PURCHASED_FEATURES, SEEN_FEATURES)
SHOPPER_ROWS = (*SHOPPER_FEATURES, GUESTS, *ADDED_FEATURES)  # what the online store has of shoppers
OF_SHOPPERS = (EVENTS, *SHOPPER_ROWS, NOTES, SEEDS, SERVED, DEAD_LETTER)  # all that may hold something of a shopper

# Consumer groups: all other readers keep their own positions.
FEATURE_WRITER_GROUP = "recommndr-feature-writer"
LAKE_WRITER_GROUP = "recommndr-lake-writer"
LAKE_SERVED_GROUP = "recommndr-lake-served"

# Headers of events.v1 (UTF-8): the JVM dedupes by them without parsing values.
HEADER_EVENT_ID = "event_id"
HEADER_TENANT = "tenant"
HEADER_KIND = "kind"
# Header of features, decimal milliseconds: when the collector received the newest event in a value; a seed has none.
HEADER_RECEIVED_AT = "received_at"


def hex_id(topic_id: str) -> str:
    """Kafka's id of a topic, as the lake's commits have it: one way to write it, because readers compare offsets by it.

    >>> hex_id("831c5101-8086-4939-80e6-8a1879f1e455")
    '831c51018086493980e68a1879f1e455'
    """
    return topic_id.replace("-", "")


def seed_key(tenant: str, group: str, side: int, entity: str) -> bytes:
    """Key of a seed. It contains the group, because a user and an item may have the same id, and the generation's side.

    >>> seed_key("grocer", "user", 1, "42")
    b'grocer|user.1:42'
    """
    return entity_key(tenant, f"{group}.{side}:{entity}")


class SeedKey(NamedTuple):
    """The parts of a seed's key."""

    tenant: str
    group: str
    side: int
    entity: str


def split_seed_key(key: bytes) -> SeedKey:
    """Inverse of `seed_key`; raises `ValueError` when it is none."""
    tenant, rest = split_key(key)
    place, _, entity = rest.partition(":")
    group, _, side = place.partition(".")
    if side not in {"0", "1"}:
        raise ValueError(f"seed key {key!r}: expected tenant|group.side:entity")
    return SeedKey(tenant, group, int(side), entity)
