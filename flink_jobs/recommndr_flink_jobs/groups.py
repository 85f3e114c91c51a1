"""The feature groups the job folds: for each, the functions of `recommndr.features` and the topic its states go to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from recommndr.counting import Counting
from recommndr.features import added, guests, item, purchased_items, seen_items, segment, user
from recommndr.features.action import IDENTIFY, Action
from recommndr.features.added_group import AddedGroup
from recommndr.seed import (
    GROUP_GUESTS,
    GROUP_ITEM,
    GROUP_PURCHASED,
    GROUP_SEEN,
    GROUP_SEGMENT,
    GROUP_USER,
    N_SHARES,
    EntityKind,
)
from recommndr.topics import (
    ADDED_FEATURES,
    GUESTS,
    ITEM_FEATURES,
    PURCHASED_FEATURES,
    SEEN_FEATURES,
    SEGMENT_FEATURES,
    USER_FEATURES,
    Topic,
)

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Group(Generic[StateT]):
    """One feature group as a monoid over bytes; functions get how the tenant counts, and an action reduced to the entity."""

    name: str
    topic: Topic
    empty: StateT
    fold: Callable[[Counting, StateT, Action], StateT]
    merge: Callable[[StateT, StateT], StateT]
    to_bytes: Callable[[StateT], bytes]
    from_bytes: Callable[[bytes], StateT]
    takes: Callable[[Counting, Action], bool] | None = None  # whether the action can change a state; None: each can
    most: int | None = None  # states of a tenant in a bucket that events may begin; seeds are always taken
    idempotent: bool = False  # merging the same again changes nothing, so nobody needs to know what a state contains


def _added(group: AddedGroup[Any], topic: Topic) -> Group[Any]:
    return Group(
        group.SCHEMA.name, topic, group.EMPTY,
        lambda _, state, action: group.fold(state, (action,)), group.merge, group.to_bytes, group.from_bytes,
        takes=lambda _, action: action.kind != IDENTIFY and group.takes(action),
    )  # fmt: skip


_OF_USERS: tuple[Group[Any], ...] = (
    Group(
        GROUP_USER, USER_FEATURES, user.EMPTY,
        lambda _, state, action: user.fold(state, (action,)), user.merge, user.to_bytes, user.from_bytes,
        takes=lambda _, action: action.kind != IDENTIFY,
    ),
    Group(
        GROUP_PURCHASED, PURCHASED_FEATURES, purchased_items.EMPTY,
        lambda counting, state, action: purchased_items.fold(state, (action,), counting),
        purchased_items.merge, purchased_items.to_bytes, purchased_items.from_bytes,
        takes=lambda counting, action: purchased_items.takes(action, counting.kind),
    ),
    Group(
        GROUP_SEEN, SEEN_FEATURES, seen_items.EMPTY,
        lambda counting, state, action: seen_items.fold(state, (action,), counting.kind),
        seen_items.merge, seen_items.to_bytes, seen_items.from_bytes,
        takes=lambda counting, action: seen_items.takes(action, counting.kind),
        idempotent=True,
    ),
    Group(
        GROUP_GUESTS, GUESTS, guests.EMPTY,
        lambda _, state, action: guests.fold(state, (action,)), guests.merge, guests.to_bytes, guests.from_bytes,
        takes=lambda _, action: guests.takes(action),
        idempotent=True,
    ),
    *(_added(group, topic) for group, topic in zip(added.groups(), ADDED_FEATURES, strict=True)),
)  # fmt: skip
_OF_ITEMS = Group(
    GROUP_ITEM, ITEM_FEATURES, item.EMPTY,
    lambda _, state, action: item.fold(state, action.kind, (action.at_s,), (float(len(action.item_ids)),)),
    item.merge, item.to_bytes, item.from_bytes,
)  # fmt: skip

_OF_SEGMENTS = Group(
    GROUP_SEGMENT, SEGMENT_FEATURES, segment.EMPTY,
    lambda _, state, action: segment.fold(state, action.kind, action.at_s, float(len(action.item_ids))),
    segment.merge, segment.to_bytes, segment.from_bytes,
    most=segment.MAX_STATES // N_SHARES,
)  # fmt: skip

# All groups by the kind of their entities.
GROUPS: Mapping[EntityKind, Sequence[Group[Any]]] = {"user": _OF_USERS, "item": (_OF_ITEMS,), "segment": (_OF_SEGMENTS,)}
