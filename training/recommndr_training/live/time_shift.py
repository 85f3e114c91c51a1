"""A tenant's time shift: whole weeks that move old history to now, so that hours and weekdays are kept.

Pipelines use the original dates. Only data for the live path (seeds) are shifted. Features depend on time differences, hour and
weekday only, so a shifted state gives the same features at a shifted instant.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from recommndr.features.decay import Counter, Counters
from recommndr.features.guests import GuestsState
from recommndr.features.item import ItemState
from recommndr.features.purchased_items import Purchased
from recommndr.features.segment import SegmentState
from recommndr.features.shopper import ShopperState
from recommndr.features.user import NOWHERE

WEEK = timedelta(weeks=1)


def weeks_to_now(cut: datetime, now: datetime) -> timedelta:
    """The whole weeks after which `cut` lies within the last week: `now - week < cut + shift <= now`.

    >>> from datetime import UTC
    >>> weeks_to_now(datetime(2017, 12, 18, tzinfo=UTC), datetime(2018, 1, 3, tzinfo=UTC)).days
    14
    """
    return ((now - cut) // WEEK) * WEEK


def shift_shopper(state: ShopperState, shift_s: float) -> ShopperState:
    """The state of the same shopper whose every event was `shift_s` later."""
    user, purchased = state.user, state.purchased
    context = user.context if user.context == NOWHERE else user.context._replace(at_s=user.context.at_s + shift_s)
    return ShopperState(
        user=replace(
            user,
            counters=_shift_counters(user.counters, shift_s),
            recent=tuple(r._replace(at_s=r.at_s + shift_s) for r in user.recent),
            context=context,
        ),
        purchased=replace(
            purchased,
            items={
                item_id: Purchased(p.decayed, p.n_orders, p.first_s + shift_s, p.last_s + shift_s)
                for item_id, p in purchased.items.items()
            },
        ),
        seen=state.seen,
    )


def shift_item(state: ItemState, shift_s: float) -> ItemState:
    """The state of the same item whose every event was `shift_s` later."""
    if math.isinf(state.first_at_s):
        return state
    return ItemState(state.first_at_s + shift_s, _shift_counters(state.counters, shift_s))


def shift_segment(state: SegmentState, shift_s: float) -> SegmentState:
    """The state of the same item in the same segment whose every event was `shift_s` later."""
    return state._replace(at_s=state.at_s + shift_s)


def shift_guests(state: GuestsState, shift_s: float) -> GuestsState:
    """The guests of the same shopper whose every login was `shift_s` later."""
    return tuple(guest._replace(at_s=guest.at_s + shift_s) for guest in state)


def _shift_counters(counters: Counters, shift_s: float) -> Mapping[int, Counter]:
    return {kind: Counter(counter.at_s + shift_s, counter.sums) for kind, counter in counters.items()}
