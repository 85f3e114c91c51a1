"""The feature groups the job folds: for each, the functions of `recommndr.features` and the topic its states go to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.features.item import ItemState
from recommndr.features.shopper import ShopperState
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr.topics import ITEM_FEATURES, USER_FEATURES, Topic

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Group(Generic[StateT]):
    """One feature group as a monoid over bytes; `fold` gets the tenant, a state and an action reduced to the entity."""

    name: str
    topic: Topic
    empty: StateT
    fold: Callable[[str, StateT, Action], StateT]
    merge: Callable[[StateT, StateT], StateT]
    to_bytes: Callable[[StateT], bytes]
    from_bytes: Callable[[bytes], StateT]


Groups = Mapping[str, Group[Any]]


def groups_for(counting: Mapping[str, Counting]) -> Groups:
    """All groups by name; tenants that are not listed are counted by the defaults."""

    def fold_shopper(tenant: str, state: ShopperState, action: Action) -> ShopperState:
        return shopper.fold(state, (action,), counting.get(tenant, DEFAULT_COUNTING))

    user = Group(GROUP_USER, USER_FEATURES, shopper.EMPTY, fold_shopper, shopper.merge, shopper.to_bytes, shopper.from_bytes)
    items = Group(GROUP_ITEM, ITEM_FEATURES, item.EMPTY, _fold_item, item.merge, item.to_bytes, item.from_bytes)
    return {group.name: group for group in (user, items)}


def _fold_item(_tenant: str, state: ItemState, action: Action) -> ItemState:
    return item.fold(state, action.kind, (action.at_s,), (float(len(action.item_ids)),))
