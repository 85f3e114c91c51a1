"""Replays in this process, and their states as objects."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from recommndr.features import item, shopper
from recommndr.features.item import ItemState
from recommndr.features.shopper import ShopperRow, ShopperState
from recommndr.tenancy import TenantPolicy
from recommndr_training.data import history
from recommndr_training.examples.replay import Replay
from recommndr_training.examples.shard_pool import ShardPool

USUAL = TenantPolicy()


@dataclass(frozen=True)
class States:
    until_s: float
    shoppers: Mapping[str, ShopperState]
    items: Mapping[str, ItemState]


def advanced(lines: pd.DataFrame, until_s: float, shift_s: float = 0.0, policy: TenantPolicy = USUAL) -> Replay:
    """A replay that is at `until_s`."""
    replay = Replay([history.of_lines(lines, policy.own_kinds, shift_s)], ShardPool.start(policy.counting))
    replay.advance_to(until_s)
    return replay


def replay(lines: pd.DataFrame, until_s: float, shift_s: float = 0.0, policy: TenantPolicy = USUAL) -> States:
    """All states as of `until_s`."""
    going = advanced(lines, until_s, shift_s, policy)
    return States(
        going.until_s,
        {user_id: shopper.from_bytes(state) for user_id, state in going.shoppers()},
        {item_id: item.from_bytes(state) for item_id, state in going.items()},
    )


def shopper_rows(states: States) -> dict[str, ShopperRow]:
    """Every shopper as serving reads it."""
    return {user_id: shopper.read(shopper.columns(state)) for user_id, state in states.shoppers.items()}
