"""What the platform keeps of a shopper, for people to read: what lists are made from, and how long what is kept where."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from recommndr.events import FIRST_OWN_CODE, KINDS
from recommndr.features import item_set, shopper
from recommndr.features.decay import HALF_LIFE_NAMES
from recommndr.features.schema import StoredValue
from recommndr.features.shopper import ShopperRow
from recommndr.tenancy import TenantPolicy
from recommndr.topics import (
    DEAD_LETTER,
    EVENTS,
    GUESTS,
    NOTES,
    OF_SHOPPERS,
    PURCHASED_FEATURES,
    SEEDS,
    SEEN_FEATURES,
    SERVED,
    USER_FEATURES,
    Topic,
)

_UNTIL_ERASED = "until the shopper is erased"
_SERVED_KEPT = "for the days that the installation keeps answers (90 unless it is set), or until the shopper is erased"
_PLACES = (
    ("online store (Redis)", "this profile, which lists are made from", _UNTIL_ERASED),
    ("lake", "every event, which models are trained with", _UNTIL_ERASED),
    ("answers in the lake", "the lists that were served, with what they were made from", _SERVED_KEPT),
    ("states of the stream (Flink)", "this profile, and recent lists and orders for the figures of releases", _UNTIL_ERASED),
    ("bundles", "what models have learnt", "until a newer version replaces them; the next training lacks an erased shopper"),
)
_HOLDS = {
    EVENTS.name: "every event",
    USER_FEATURES.name: "counters, newest items and last context",
    PURCHASED_FEATURES.name: "purchased items",
    SEEN_FEATURES.name: "fingerprints of the items with an action",
    GUESTS.name: "ids under which the shopper acted before logging in",
    NOTES.name: "orders of the shopper who this guest became, for the figures of releases",
    SEEDS.name: "the profile as of the last training",
    SERVED.name: "lists that were shown",
    DEAD_LETTER.name: "events that could not be read",
}


def guest_ids(row: Mapping[str, StoredValue]) -> list[str]:
    """The ids under which the shopper acted before logging in, newest first."""
    found = row.get("guest_ids")
    return [str(guest_id) for guest_id in found] if isinstance(found, list) else []


def profile(row: Mapping[str, StoredValue], policy: TenantPolicy) -> dict[str, Any]:
    """A shopper's stored columns as plain values; instants are in UTC."""
    read = shopper.read(row, policy.counting)
    return {
        "n_events": read.n_events,
        "counters": _counters(read, policy.own_kinds),
        "recent": [
            {"item_id": item_id, "kind": _kind(kind, policy.own_kinds), "at": _instant(at_s)}
            for item_id, kind, at_s in zip(
                read.recent_item_ids, read.recent_kinds.tolist(), read.recent_at_s.tolist(), strict=True
            )
        ],
        "purchased": _purchased(read),
        "n_owned": item_set.size(read.owned_set),
        "n_seen": item_set.size(read.seen_set),
        "context": {name: getattr(read, name) or None for name in ("device", "os", "country", "region")},
    }


def _counters(row: ShopperRow, own_kinds: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "kind": _kind(code, own_kinds),
            "newest_at": _instant(at_s),
            "sums": dict(zip(HALF_LIFE_NAMES, sums, strict=True)),
        }
        for code, (at_s, sums) in enumerate(zip(row.counter_at_s.tolist(), row.counter_sums.tolist(), strict=True))
        if any(sums)
    ]


def _purchased(row: ShopperRow) -> list[dict[str, Any]]:
    columns = (row.purchased_n_orders, row.purchased_first_s, row.purchased_last_s)
    return [
        {"item_id": item_id, "n_orders": int(n), "first_at": _instant(first_s), "last_at": _instant(last_s)}
        for item_id, n, first_s, last_s in zip(row.purchased_item_ids, *(column.tolist() for column in columns), strict=True)
    ]


def _kind(code: int, own_kinds: Sequence[str]) -> str:
    if code < FIRST_OWN_CODE:
        return KINDS[code]
    place = code - FIRST_OWN_CODE
    return own_kinds[place] if place < len(own_kinds) else f"own kind {place + 1}"


def _instant(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()


def kept() -> list[dict[str, str]]:
    """Where something of a shopper is, and until when."""
    places = [*_PLACES, *((topic.name, _HOLDS.get(topic.name, "a feature group"), _until(topic)) for topic in OF_SHOPPERS)]
    return [{"place": place, "holds": holds, "until": until} for place, holds, until in places]


def _until(topic: Topic) -> str:
    return f"{topic.kept} after it was written" if "retention.ms" in topic.config else _UNTIL_ERASED
