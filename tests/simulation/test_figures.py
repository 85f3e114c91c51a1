"""Figures are right: computed by hand on a readable log, and independent of the ids."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_lake_writer.lake import SCHEMA
from recommndr_simulation import fidelity
from recommndr_simulation.actions import read_actions
from recommndr_simulation.figures import Figures, figures, gini, shape_by_hour, shape_by_weekday
from recommndr_simulation.real_logs import real_logs
from recommndr_simulation.report import all_figures

REAL = Path(__file__).parents[3] / "shared/data"
MONDAY = datetime(2025, 12, 1, 12, tzinfo=UTC)
Action = tuple[str, str, str, float, str]  # user, kind, item, minutes after Monday noon, event

# Ann looks twice, carts and buys two things in one order; a week later she buys one of them again. Bob looks once.
LOG: list[Action] = [
    ("ann", "view", "pan", 0, "1"),
    ("ann", "click", "pot", 2, "2"),
    ("ann", "add_to_cart", "pan", 3, "3"),
    ("ann", "add_to_cart", "pot", 4, "4"),
    ("ann", "purchase", "pan", 9, "5"),
    ("ann", "purchase", "pot", 9, "5"),
    ("ann", "view", "pan", 7 * 1440, "6"),
    ("ann", "purchase", "pan", 7 * 1440 + 1, "7"),
    ("bob", "view", "pan", 60, "8"),
    ("bob", "impression", "pot", 61, "9"),
    ("bob", "search", "", 62, "10"),
]
LEAVES = {"pan": 0, "pot": 1}


def rows(log: Sequence[Action], price_minor: int = 500) -> pa.Table:
    lines: dict[str, int] = {}
    found = []
    for user, kind, item, minutes, event in log:
        line_no = lines[event] = lines.get(event, -1) + 1
        at = MONDAY + timedelta(minutes=minutes)
        found.append(
            {"user_id": user, "kind": kind, "item_id": item or None, "event_at": at, "event_id": event, "line_no": line_no}
            | {"price_minor": price_minor if item else None}
        )
    return pa.Table.from_pylist(found, SCHEMA)


def of(log: Sequence[Action]) -> Figures:
    return figures(read_actions([rows(log)], LEAVES))


def test_the_figures_of_a_small_log_are_those_one_counts_by_hand() -> None:
    found = of(LOG)
    expected = {
        "events": 10,  # the order of two lines is one
        "shown_share": 10,
        "users": 2,
        "actions_per_user_mean": 4.5,
        "sessions_per_user_mean": 1.5,
        "users_with_one_session": 50,
        "actions_per_session_mean": 3,
        "sessions_of_one_action": 100 / 3,
        "cart_per_look": 50,
        "purchase_per_cart": 150,
        "purchase_per_look": 75,
        "users_who_buy": 50,
        "carters_who_buy": 100,
        "sessions_with_purchase": 200 / 3,
        "looks_before_cart_mean": 2,
        "looks_before_purchase_mean": 2,
        "first_purchase_in_first_session": 100,
        "first_purchase_within_30_min": 100,
        "orders": 2,
        "lines_per_order_mean": 1.5,
        "orders_of_several_lines": 50,
        "orders_per_buyer": 2,
        "repeated_lines": 100 / 3,
        "repeated_lines_after_first_order": 100,
        "looks_per_user_and_item": 4 / 3,
        "items": 2,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_the_shape_of_day_and_week_is_that_of_looks() -> None:
    actions = read_actions([rows(LOG)], LEAVES)
    assert shape_by_hour(actions)[12] == pytest.approx(75)
    assert shape_by_hour(actions)[13] == pytest.approx(25)
    assert shape_by_weekday(actions).tolist() == [100, 0, 0, 0, 0, 0, 0]


def test_names_batches_and_the_order_of_rows_change_no_figure() -> None:
    renamed = [(f"x{user}", kind, item, minutes, event) for user, kind, item, minutes, event in reversed(LOG)]
    parts = [
        rows([one for one in renamed if one[4] in some]) for some in (("1", "5", "8", "9"), ("2", "3", "4", "6", "7", "10"))
    ]
    again = figures(read_actions(parts, LEAVES))
    assert again == pytest.approx(of(LOG), nan_ok=True)


def test_a_log_of_orders_alone_has_figures_of_orders_and_no_others() -> None:
    found = of([action for action in LOG if action[1] == "purchase"])
    assert (found["orders"], found["items"]) == (2, 2)
    assert np.isnan(found["cart_per_look"])


def test_a_log_without_actions_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="nothing to report on"):
        of([action for action in LOG if action[1] == "search"])


@given(st.lists(st.integers(1, 1_000), min_size=2, max_size=50), st.integers(2, 9))
def test_gini_is_between_0_and_1_and_knows_no_scale(counts: list[int], factor: int) -> None:
    values = np.array(counts)
    assert -1e-12 <= gini(values) < 1
    assert gini(values * factor) == pytest.approx(gini(values))


def test_distance_is_nothing_inside_the_real_range_and_relative_outside() -> None:
    row = fidelity.Row("x", "x", (2.0, 4.0, None), fidelity.FREE)
    assert [row.off(value) for value in (2.0, 3.0, 4.0)] == [0, 0, 0]
    assert row.off(1.0) == pytest.approx(-0.5)
    assert row.off(6.0) == pytest.approx(0.5)
    assert np.isnan(row.off(float("nan")))


def test_every_figure_that_is_compared_is_one_that_is_counted() -> None:
    found = all_figures(read_actions([rows(LOG)], LEAVES))
    assert {row.name for row in fidelity.ROWS} <= set(found)
    assert all(row.why or len([each for each in row.real if each is not None]) for row in fidelity.ROWS)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data sets at {REAL}")
def test_the_same_code_finds_the_figures_that_are_quoted_of_the_real_logs() -> None:
    logs = {name[0]: all_figures(actions) for name, actions in real_logs(REAL).items()}
    assert set(logs) == {"A", "B", "C"}
    wholesale = logs["C"]
    quoted = {"users_gini": 0.632, "items_gini": 0.638, "repeated_lines": 31.1, "repeated_lines_after_first_order": 42.0}
    assert {name: wholesale[name] for name in quoted} == pytest.approx(quoted, rel=0.02)
    marketplace = {"actions_per_session_mean": 5.99, "cart_per_look": 5.93, "purchase_per_look": 2.31, "pause_s_p50": 54}
    assert {name: logs["B"][name] for name in marketplace} == pytest.approx(marketplace, rel=0.03)
    assert logs["A"]["users_with_one_session"] == pytest.approx(87.0, rel=0.02)
    assert logs["A"]["first_purchase_in_first_session"] == pytest.approx(64.2, rel=0.1)
