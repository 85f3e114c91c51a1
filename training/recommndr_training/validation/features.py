"""Suites of features: checks shoppers' and items' states as of the cut, in the columns that readers get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
from great_expectations.expectations.row_conditions import Column

from recommndr.events import N_KIND_SLOTS
from recommndr.features import item, purchased_items, shopper, user
from recommndr.features.decay import N_HALF_LIVES, FloatArray
from recommndr_training.validation.checking import Checked, Table, because, check

_MOST = 1e9  # events of one entity; a larger sum is a mistake
_ROUNDING = 1e-6
_SEEDS = "find the events of this entity before the cut, fix the import or the fold, then run stage seed again"
_PACK = 20_000  # shoppers whose columns are in memory at once
_PURCHASED = ("least_decayed", "orders_beyond_decayed", "first_to_last_s")
_LISTS = {
    "recent_item_ids": user.RECENT_CAPACITY,
    "purchased_item_ids": purchased_items.CAPACITY,
}
_SAME_LENGTH = {
    "recent_item_ids": ("recent_kinds", "recent_at_s"),
    "purchased_item_ids": ("purchased_decayed", "purchased_n_orders", "purchased_first_s", "purchased_last_s"),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of what states may hold."""

    since_s: float  # start of the dataset's period
    until_s: float  # states hold the events before this instant and no others
    purchase_half_life_s: float
    empty_shoppers_share: float


def check_shoppers(states: Iterable[tuple[str, bytes]], bounds: Bounds) -> list[Checked]:
    """Shoppers' states by id, as bytes: first whether they can be read, then their values."""
    readable, bad = [], []
    parts = []
    for number, (user_id, value) in enumerate(states, 1):
        try:
            readable.append((user_id, shopper.columns(shopper.from_bytes(value))))
        except (ValueError, TypeError, IndexError) as cause:
            bad.append((user_id, str(cause)))
        if number % _PACK == 0:
            parts.append(shopper_frame(readable))
            readable = []
    frame = pd.concat([*parts, shopper_frame(readable)])
    return _checked("shopper", frame, bad, shoppers_suite(bounds))


def check_items(states: Iterable[tuple[str, bytes]], bounds: Bounds) -> list[Checked]:
    """Items' states by id, as bytes: first whether they can be read, then their values."""
    readable, bad = {}, []
    for item_id, value in states:
        try:
            item.read([value])
            readable[item_id] = value
        except ValueError as cause:
            bad.append((item_id, str(cause)))
    return _checked("item", item_frame(readable), bad, items_suite(bounds))


def _checked(what: str, frame: pd.DataFrame, bad: list[tuple[str, str]], suite: Sequence[gxe.Expectation]) -> list[Checked]:
    names = pd.Index([*frame.index, *(name for name, _ in bad)], dtype=object)
    states = pd.DataFrame({"unreadable": [*([None] * len(frame)), *(why for _, why in bad)]}, index=names, dtype=object)
    return [check(Table(f"{what} states", states), _states_suite()), check(Table(f"{what} features", frame), suite)]


def _states_suite() -> list[gxe.Expectation]:
    again = "run stage seed again"
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, **because("there are no states", again)),
        gxe.ExpectColumnValuesToBeNull(
            column="unreadable", **because("the bytes are of another format version or damaged", again)
        ),
    ]


def shopper_frame(readable: Sequence[tuple[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """One row per shopper with its columns; the index is the id."""
    rows = [columns for _, columns in readable]
    lists = [name for names in _SAME_LENGTH.items() for name in (names[0], *names[1])]
    at_s = np.array([row["counter_at_s"] for row in rows], np.float64).reshape(-1, N_KIND_SLOTS)
    sums = np.array([row["counter_sums"] for row in rows], np.float64).reshape(-1, N_KIND_SLOTS, N_HALF_LIVES)
    figures = {
        "n_events": np.array([row["n_events"] for row in rows], np.float64),
        **_counters(at_s, sums),
        **{f"n_{name}": np.array([len(row[name]) for row in rows], np.int64) for name in lists},
        "purchased_half_life_s": np.array([row["purchased_half_life_s"] for row in rows], np.float64),
        **{name: np.array(values, np.float64) for name, values in _of_lists(rows).items()},
    }
    return pd.DataFrame(figures, index=pd.Index([user_id for user_id, _ in readable], dtype=object))


def _of_lists(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Extremes over each shopper's lists; NaN if the list is empty or contains NaN."""
    found: dict[str, list[float]] = {name: [] for name in ("oldest_s", "latest_s", *_PURCHASED)}
    for row in rows:
        first_s, last_s, decayed, orders = (
            np.asarray(row[f"purchased_{name}"], np.float64) for name in ("first_s", "last_s", "decayed", "n_orders")
        )
        times_s = np.concatenate([row["recent_at_s"], first_s, last_s])
        found["oldest_s"].append(_least(times_s))
        found["latest_s"].append(-_least(-times_s))
        n = min(
            map(len, (first_s, last_s, decayed, orders))
        )  # their lengths may differ, which is checked by another expectation
        found["least_decayed"].append(_least(decayed))
        found["orders_beyond_decayed"].append(_least(orders[:n] - decayed[:n]))
        found["first_to_last_s"].append(_least(last_s[:n] - first_s[:n]))
    return found


def _least(values: FloatArray) -> float:
    return float(values.min()) if len(values) else float("nan")


def item_frame(states: Mapping[str, bytes]) -> pd.DataFrame:
    """One row per item; the index is the id."""
    records = item.read(list(states.values()))
    figures = {"first_at_s": records["first_at_s"], **_counters(records["at_s"], records["sums"])}
    return pd.DataFrame(figures, index=pd.Index(list(states), dtype=object))


def _counters(at_s: FloatArray, sums: FloatArray) -> dict[str, Any]:
    """Of (n, kinds) times and (n, kinds, half-lives) sums: kinds seen, newest time, least and most, and the least amount by
    which a longer half-life holds more than the next shorter one (never less: it forgets more slowly)."""
    return {
        "n_kinds": (at_s != 0.0).sum(axis=1),
        "newest_s": at_s.max(axis=1),
        "least_sum": sums.min(axis=(1, 2)),
        "most_sum": sums.max(axis=(1, 2)),
        "least_growth": np.diff(sums, axis=2).min(axis=(1, 2)),
    }


def shoppers_suite(bounds: Bounds) -> list[gxe.Expectation]:
    """Expectations on `shopper_frame`."""
    lengths = because("lists of one group differ in length, so readers would pair wrong values", _SEEDS)
    capped = because("a list is longer than its limit", _SEEDS)
    return [
        *_of_any(bounds),
        gxe.ExpectColumnValuesToBeBetween(column="n_events", min_value=0, max_value=_MOST, **because("no count", _SEEDS)),
        gxe.ExpectColumnValuesToBeBetween(
            column="n_kinds",
            min_value=1,
            max_value=N_KIND_SLOTS,
            mostly=1.0 - bounds.empty_shoppers_share,
            **because("too many shoppers have an empty state", f"{_SEEDS}; if that is right, raise empty_shoppers_share"),
        ),
        *(
            gxe.ExpectColumnPairValuesToBeEqual(column_A=f"n_{name}", column_B=f"n_{other}", **lengths)
            for name, others in _SAME_LENGTH.items()
            for other in others
        ),
        *(
            gxe.ExpectColumnValuesToBeBetween(column=f"n_{name}", min_value=0, max_value=capacity, **capped)
            for name, capacity in _LISTS.items()
        ),
        _before_the_cut("oldest_s", bounds.since_s, bounds),
        _before_the_cut("latest_s", bounds.since_s, bounds),
        *_purchased(bounds),
    ]


def _purchased(bounds: Bounds) -> list[gxe.Expectation]:
    counts = because("a decayed count is outside 1 .. number of orders", _SEEDS)
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="purchased_half_life_s",
            value_set=[bounds.purchase_half_life_s],
            row_condition=Column("n_purchased_item_ids") > 0,
            **because("counted with another half-life than the tenant's", "run stage seed again"),
        ),
        gxe.ExpectColumnValuesToBeBetween(column="least_decayed", min_value=1.0 - _ROUNDING, max_value=_MOST, **counts),
        gxe.ExpectColumnValuesToBeBetween(column="orders_beyond_decayed", min_value=-_ROUNDING, max_value=_MOST, **counts),
        gxe.ExpectColumnValuesToBeBetween(
            column="first_to_last_s",
            min_value=0.0,
            max_value=_MOST,
            **because("the first purchase is after the last one", _SEEDS),
        ),
    ]


def items_suite(bounds: Bounds) -> list[gxe.Expectation]:
    """Expectations on `item_frame`."""
    return [
        *_of_any(bounds),
        gxe.ExpectColumnValuesToBeBetween(
            column="n_kinds", min_value=1, max_value=N_KIND_SLOTS, **because("an item's state has no event", _SEEDS)
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="first_at_s", **because("no first event", _SEEDS)),
        _before_the_cut("first_at_s", bounds.since_s, bounds),
    ]


def _of_any(bounds: Bounds) -> list[gxe.Expectation]:
    """Expectations on the counters of both entities."""
    finite = because("the value is NaN, infinite or negative", _SEEDS)
    counters = ("least_sum", "most_sum", "least_growth", "newest_s")
    return [
        *(gxe.ExpectColumnValuesToNotBeNull(column=name, **finite) for name in counters),
        gxe.ExpectColumnValuesToBeBetween(column="least_sum", min_value=0.0, max_value=_MOST, **finite),
        gxe.ExpectColumnValuesToBeBetween(column="most_sum", min_value=0.0, max_value=_MOST, **finite),
        gxe.ExpectColumnValuesToBeBetween(
            column="least_growth",
            min_value=-_ROUNDING,
            max_value=_MOST,
            **because("the sum with a longer half-life is smaller than that with a shorter one", _SEEDS),
        ),
        _before_the_cut("newest_s", 0.0, bounds),
    ]


def _before_the_cut(column: str, min_value: float, bounds: Bounds) -> gxe.Expectation:
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=min_value,
        max_value=bounds.until_s,
        strict_max=True,
        **because("an event at or after the cut, which leaks, or before the dataset's period: a wrong unit", _SEEDS),
    )
