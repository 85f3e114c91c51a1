"""The feature groups the job folds: for each, the functions of `recommndr.features` and the topic its states go to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.features import guests, item, purchased_items, seen_items, user
from recommndr.features.action import IDENTIFY, Action
from recommndr.features.guests import GuestsState
from recommndr.features.item import ItemState
from recommndr.features.purchased_items import PurchasedItemsState
from recommndr.features.user import UserState
from recommndr.seed import GROUP_GUESTS, GROUP_ITEM, GROUP_PURCHASED, GROUP_SEEN, GROUP_USER
from recommndr.topics import GUESTS, ITEM_FEATURES, PURCHASED_FEATURES, SEEN_FEATURES, USER_FEATURES, Topic

StateT = TypeVar("StateT")
Kind = Literal["user", "item"]  # of an entity


@dataclass(frozen=True, slots=True)
class Group(Generic[StateT]):
    """One feature group as a monoid over bytes; functions get the tenant, and an action reduced to the entity."""

    name: str
    topic: Topic
    empty: StateT
    fold: Callable[[str, StateT, Action], StateT]
    merge: Callable[[StateT, StateT], StateT]
    to_bytes: Callable[[StateT], bytes]
    from_bytes: Callable[[bytes], StateT]
    takes: Callable[[str, Action], bool] | None = None  # whether the action can change a state; None: each can
    idempotent: bool = False  # merging the same again changes nothing, so nobody needs to know what a state contains


Groups = Mapping[Kind, Sequence[Group[Any]]]


def groups_for(counting: Mapping[str, Counting]) -> Groups:
    """All groups by the kind of their entities; tenants that are not listed are counted by the defaults."""

    def of(tenant: str) -> Counting:
        return counting.get(tenant, DEFAULT_COUNTING)

    def fold_purchased(tenant: str, state: PurchasedItemsState, action: Action) -> PurchasedItemsState:
        return purchased_items.fold(state, (action,), of(tenant))

    def fold_seen(tenant: str, state: bytes, action: Action) -> bytes:
        return seen_items.fold(state, (action,), of(tenant).kind)

    of_users: tuple[Group[Any], ...] = (
        Group(
            GROUP_USER, USER_FEATURES, user.EMPTY, _fold_user, user.merge, user.to_bytes, user.from_bytes,
            takes=lambda _, action: action.kind != IDENTIFY,
        ),
        Group(
            GROUP_PURCHASED, PURCHASED_FEATURES, purchased_items.EMPTY,
            fold_purchased, purchased_items.merge, purchased_items.to_bytes, purchased_items.from_bytes,
            takes=lambda tenant, action: purchased_items.takes(action, of(tenant).kind),
        ),
        Group(
            GROUP_SEEN, SEEN_FEATURES, seen_items.EMPTY,
            fold_seen, seen_items.merge, seen_items.to_bytes, seen_items.from_bytes,
            takes=lambda tenant, action: seen_items.takes(action, of(tenant).kind),
            idempotent=True,
        ),
        Group(
            GROUP_GUESTS, GUESTS, guests.EMPTY, _fold_guests, guests.merge, guests.to_bytes, guests.from_bytes,
            takes=lambda _, action: guests.takes(action),
            idempotent=True,
        ),
    )  # fmt: skip
    items = Group(GROUP_ITEM, ITEM_FEATURES, item.EMPTY, _fold_item, item.merge, item.to_bytes, item.from_bytes)
    return {"user": of_users, "item": (items,)}


def _fold_user(_tenant: str, state: UserState, action: Action) -> UserState:
    return user.fold(state, (action,))


def _fold_guests(_tenant: str, state: GuestsState, action: Action) -> GuestsState:
    return guests.fold(state, (action,))


def _fold_item(_tenant: str, state: ItemState, action: Action) -> ItemState:
    return item.fold(state, action.kind, (action.at_s,), (float(len(action.item_ids)),))
