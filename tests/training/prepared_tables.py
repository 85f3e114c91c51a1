"""Sound prepared tables for tests of validation, to be broken one way at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa

from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.prepared import ITEMS_SCHEMA

DAY_S = 86_400.0
START_S = 1_483_228_800.0  # 2017-01-01 00:00 UTC, a Sunday
N_DAYS = 70
PER_DAY = 100
KINDS = ("view", "purchase")


def event_id(number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"event {number}"))


def line(number: int, at_s: float, **changed: Any) -> dict[str, Any]:
    """One event of one line; every fourth is a purchase."""
    sound = {
        "event_id": event_id(number),
        "user_id": f"u{number % 37}",
        "item_id": f"i{number % 6}",
        "kind": "purchase" if number % 4 == 0 else "view",
        "at_s": at_s,
        "quantity": 1,
        "price_minor": 250,
        "device": None,
        "os": None,
        "country": None,
        "region": None,
    }
    return sound | changed


def history(per_day: Sequence[int] = (PER_DAY,) * N_DAYS) -> list[dict[str, Any]]:
    """So many events on each day from `START_S` on."""
    at_s = [START_S + day * DAY_S + 600.0 * (place % 144) for day, n in enumerate(per_day) for place in range(n)]
    return [line(number, at) for number, at in enumerate(at_s)]


def lines(rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), LINES_SCHEMA)


def item(number: int, **changed: Any) -> dict[str, Any]:
    sound = {
        "item_id": f"i{number}",
        "title": f"Thing {number}",
        "category_path": ["Pets" if number % 2 else "Garden", "More"],
        "brand": None,
        "price_minor": 250,
        "currency": "USD",
        "group_id": None,
    }
    return sound | changed


def items(rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), ITEMS_SCHEMA)


ITEMS = [item(number) for number in range(6)]
