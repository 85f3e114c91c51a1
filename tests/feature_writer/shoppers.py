"""Shoppers and the records of their three groups."""

from datetime import UTC, datetime

from recommndr import topics
from recommndr.features import shopper, user
from recommndr.features.action import PURCHASE, Action
from recommndr.features.shopper import ShopperState
from recommndr_feature_writer.shopper_row import RowKey

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW_S = NOW.timestamp()


def state(n_events: int, user_id: str = "u") -> ShopperState:
    """A shopper with `n_events` purchases, one a second, the newest a second ago."""
    folded = shopper.EMPTY
    for n in range(n_events):
        action = Action(PURCHASE, NOW_S - n - 1, f"{user_id}-{n}", user_id, (f"i{n}", f"i{n + 1}"), device="phone")
        folded = shopper.merge(folded, shopper.lift(action))
    return folded


def value(n_events: int, user_id: str = "u") -> bytes:
    """What `features.user.v1` holds of them."""
    return user.to_bytes(state(n_events, user_id).user)


def key(user_id: str, group: str = "user") -> RowKey:
    return RowKey(group, f"grocer|{user_id}")


TOPIC = topics.USER_FEATURES.name
