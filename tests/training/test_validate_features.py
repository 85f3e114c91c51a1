"""States that break any law of the feature groups are refused and the entity is named; those a replay makes are not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgpack
import numpy as np
import pytest

from recommndr.features import item, shopper
from recommndr.features.decay import Counter
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr.tenancy import TenantPolicy
from recommndr_training.params import DataParams
from recommndr_training.shipping import validate_features
from recommndr_training.shipping.seed import EntityState, SeedFile, entity_states
from recommndr_training.validation.checking import Failure
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.verdict import failures_of
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.replayed import advanced

N_USERS = 40
DATA = DataParams(
    tenant="grocer",
    policy=TenantPolicy(),
    currency="USD",
    since=datetime(2017, 1, 1, tzinfo=UTC),
    until=datetime(2018, 1, 1, tzinfo=UTC),
    gate_cut=datetime.fromtimestamp(CUT_S, UTC),
)
ORDERS = [
    Order(f"o{number}", f"u{number % N_USERS:02}", CUT_S - (1 + number) * DAY_S, (f"i{number % 7}", f"i{number % 5}x"))
    for number in range(3 * N_USERS)
]
ROWS = list(entity_states(advanced(table(ORDERS), CUT_S)))


def failures(rows: list[EntityState], data: DataParams = DATA) -> list[Failure]:
    return failures_of(validate_features.validate(SeedFile(CUT_S, rows), data))


def test_what_a_replay_makes_passes() -> None:
    assert failures(ROWS) == []


# Changes of the packed values [version, [n_events, counters, recent, context], [half-life, purchased]].
def _nan_sum(values: Any) -> None:
    values[1][1][0][2] = float("nan")


def _infinite_sum(values: Any) -> None:
    values[1][1][0][-1] = float("inf")


def _negative_sum(values: Any) -> None:
    values[1][1][0][2] = -1.0


def _shrinking_sum(values: Any) -> None:
    values[1][1][0][-1] = 0.0


def _future_counter(values: Any) -> None:
    values[1][1][0][1] = CUT_S


def _future_recent(values: Any) -> None:
    values[1][2][0][0] = CUT_S + 1.0


def _milliseconds(values: Any) -> None:
    values[1][2][0][0] *= 1000.0


def _ancient(values: Any) -> None:
    values[2][1][0][3] = 5.0


def _many_recent(values: Any) -> None:
    values[1][2] = [[CUT_S - 5.0, 3, "e", f"i{number}"] for number in range(51)]


def _many_purchased(values: Any) -> None:
    values[2][1] = [[f"i{number}", 1.0, 1, CUT_S - 5.0, CUT_S - 5.0] for number in range(501)]


def _more_decayed_than_orders(values: Any) -> None:
    values[2][1][0][1] = values[2][1][0][2] + 1.0


def _first_after_last(values: Any) -> None:
    values[2][1][0][3] = values[2][1][0][4] + 1.0


def _half_life(values: Any) -> None:
    values[2][0] = 5.0


BROKEN: list[tuple[Callable[[Any], None], str]] = [
    (_nan_sum, "least_sum: column values to not be null"),
    (_infinite_sum, "most_sum: column values to be between"),
    (_negative_sum, "least_sum: column values to be between"),
    (_shrinking_sum, "least_growth: column values to be between"),
    (_future_counter, "newest_s: column values to be between"),
    (_future_recent, "latest_s: column values to be between"),
    (_milliseconds, "latest_s: column values to be between"),
    (_ancient, "oldest_s: column values to be between"),
    (_many_recent, "n_recent_item_ids: column values to be between"),
    (_many_purchased, "n_purchased_item_ids: column values to be between"),
    (_more_decayed_than_orders, "orders_beyond_decayed: column values to be between"),
    (_first_after_last, "first_to_last_s: column values to be between"),
    (_half_life, "purchased_half_life_s, n_purchased_item_ids: column values to be in set"),
]


@pytest.fixture(scope="module")
def broken() -> list[Failure]:
    rows = list(ROWS)
    for place, (change, _) in enumerate(BROKEN):
        assert rows[place].group == GROUP_USER
        values = msgpack.unpackb(rows[place].state)
        change(values)
        rows[place] = replace(rows[place], state=msgpack.packb(values))
    rows[len(BROKEN)] = replace(rows[len(BROKEN)], state=b"\x00")
    return failures(rows)


@pytest.mark.parametrize(("place", "expected"), [(place, expected) for place, (_, expected) in enumerate(BROKEN)])
def test_a_broken_shopper_is_named(place: int, expected: str, broken: list[Failure]) -> None:
    (found,) = [failure for failure in broken if failure.expected.startswith(expected)]
    assert ROWS[place].entity in {named.row for named in found.rows}
    assert found.table == "shopper features" and found.stops and found.cause and found.cure


def test_bytes_that_are_no_state_are_named_and_the_others_still_checked(broken: list[Failure]) -> None:
    (found,) = [failure for failure in broken if failure.table == "shopper states"]
    assert [named.row for named in found.rows] == [ROWS[len(BROKEN)].entity]
    assert "cannot be read" in found.rows[0].value


def test_no_healthy_shopper_is_named(broken: list[Failure]) -> None:
    wrong = {row.entity for row in ROWS[: len(BROKEN) + 1]}
    assert {named.row for failure in broken for named in failure.rows} <= wrong


def test_broken_items_are_named() -> None:
    rows = list(ROWS)
    first = next(place for place, row in enumerate(rows) if row.group == GROUP_ITEM)
    for place, state in enumerate(
        [
            item.ItemState(CUT_S + 1.0, {3: Counter(CUT_S - 5.0, (1.0,) * 5)}),
            item.ItemState(CUT_S - 5.0, {3: Counter(CUT_S - 5.0, (np.nan,) * 5)}),
            item.ItemState(),
        ]
    ):
        rows[first + place] = replace(rows[first + place], state=item.to_bytes(state))
    rows[first + 3] = replace(rows[first + 3], state=b"short")
    found = failures(rows)
    named = {(failure.expected.split(":")[0], row.row) for failure in found for row in failure.rows}
    ids = [row.entity for row in rows[first : first + 4]]
    assert {("first_at_s", ids[0]), ("least_sum", ids[1]), ("n_kinds", ids[2]), ("unreadable", ids[3])} <= named
    assert {name for _, name in named} == set(ids)


def test_empty_shoppers_pass_up_to_the_share_that_the_data_set_names() -> None:
    empty = [EntityState(GROUP_USER, f"z{number}", shopper.to_bytes(shopper.EMPTY)) for number in range(10)]
    wide = replace(DATA, limits=Limits(empty_shoppers_share=0.2))
    assert failures(ROWS + empty, wide) == []
    (found,) = failures(ROWS + empty)
    assert found.n_rows == 10 and found.rows[0].row == "z0"


def test_no_states_at_all_are_refused() -> None:
    assert {failure.table for failure in failures([])} >= {"shopper states", "item states"}
