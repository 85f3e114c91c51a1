"""How records of shoppers' feature topics are read: which group a topic has, and the columns of its values. No I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recommndr.features import added, guests, purchased_items, seen_items, user
from recommndr.features.added_group import AddedGroup
from recommndr.features.schema import FeatureSchema, Value
from recommndr.topics import ADDED_FEATURES, GUESTS, PURCHASED_FEATURES, SEEN_FEATURES, USER_FEATURES


@dataclass(frozen=True, slots=True)
class FeatureTopic:
    """How a topic's records are read."""

    schema: FeatureSchema
    read_columns: Callable[[bytes], dict[str, Value]]
    newest_in: str | None  # the column with times of events; None: no column tells


def _of_added(group: AddedGroup[Any]) -> FeatureTopic:
    return FeatureTopic(group.SCHEMA, lambda value: group.columns(group.from_bytes(value)), None)


FEATURE_TOPICS: Mapping[str, FeatureTopic] = {
    USER_FEATURES.name: FeatureTopic(user.SCHEMA, user.read_columns, "counter_at_s"),
    PURCHASED_FEATURES.name: FeatureTopic(purchased_items.SCHEMA, purchased_items.read_columns, "purchased_last_s"),
    SEEN_FEATURES.name: FeatureTopic(seen_items.SCHEMA, lambda value: seen_items.columns(seen_items.from_bytes(value)), None),
    GUESTS.name: FeatureTopic(guests.SCHEMA, lambda value: guests.columns(guests.from_bytes(value)), None),
    **{topic.name: _of_added(group) for topic, group in zip(ADDED_FEATURES, added.groups(), strict=True)},
}
