"""Settings of a shop by its lines: target kind, label horizon, period; and what is doubtful in times."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from recommndr_training.shops.text_dialect import dialect
from recommndr_training.shops.time_formats import time_format
from recommndr_training.shops.traffic import label_horizon_days, period, target_kind, traffic

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY_S = 86_400.0


def test_the_strongest_kind_that_is_not_rare_is_the_target() -> None:
    assert target_kind({"view": 500, "purchase": 40})[0] == "purchase"
    kind, why = target_kind({"view": 9_000, "add_to_cart": 400, "purchase": 3})
    assert kind == "add_to_cart" and "purchase (3)" in why
    assert target_kind({"dislike": 5})[0] == "view"


def test_the_horizon_follows_the_gaps_between_target_events() -> None:
    users = np.repeat(np.arange(50, dtype=np.int32), 10)
    at_s = np.tile(np.arange(10) * 7 * DAY_S, 50)
    assert label_horizon_days(users, at_s, span_days=365.0)[0] == 7.0


def test_deeds_of_one_visit_are_no_returns() -> None:
    users = np.zeros(100, np.int32)
    days, why = label_horizon_days(users, np.arange(100) * 60.0, span_days=365.0)
    assert days == 14.0 and why.startswith("0 shoppers' returns")


@pytest.mark.parametrize("span_days", [365.0, 20.0, 4.0, 1.0, 0.1, 0.0])
def test_a_short_history_shortens_the_horizon(span_days: float) -> None:
    days, _ = label_horizon_days(np.zeros(1, np.int32), np.zeros(1), span_days)
    assert 0 < days <= max(span_days / 4, 1 / 1_440)


def test_a_few_strays_do_not_stretch_the_period() -> None:
    at_s = np.append(np.linspace(100 * DAY_S, 110 * DAY_S, 10_000), [0.0, DAY_S])
    since_s, until_s = period(at_s)
    assert since_s > 99 * DAY_S
    assert until_s == 110 * DAY_S + 1


def test_all_lines_of_a_log_lie_in_its_period() -> None:
    at = [START + timedelta(days=day) for day in range(30)]
    lines = pa.table(
        {"user_id": ["u"] * 30, "item_id": ["i"] * 30, "kind": ["view"] * 30, "at": pa.array(at, pa.timestamp("us", tz="UTC"))}
    )
    found = traffic(lines)
    assert found.since == START and found.until == at[-1] + timedelta(seconds=1)
    assert (found.n_lines, found.n_shoppers, found.n_items, found.kinds) == (30, 1, 1, {"view": 30})
    assert found.since < found.gate_cut < found.until


def test_a_value_above_twelve_tells_days_from_months() -> None:
    assert time_format(pa.array(["03/04/2024", "25/04/2024"])).format == "%d/%m/%Y"  # type: ignore[union-attr]
    assert time_format(pa.array(["03/04/2024", "04/25/2024"])).format == "%m/%d/%Y"  # type: ignore[union-attr]


def test_the_order_of_the_file_tells_days_from_months() -> None:
    found = time_format(pa.array(["01/05/2024", "02/03/2024", "03/01/2024"]))  # in order only if the month is first
    assert found is not None and found.format == "%m/%d/%Y" and found.doubt is None


def test_days_and_months_that_nothing_tells_apart_are_doubtful() -> None:
    found = time_format(pa.array(["03/04/2024", "01/02/2024", "05/06/2024", "02/03/2024"]))
    assert found is not None and found.format == "%d/%m/%Y"
    assert found.doubt is not None and "%m/%d/%Y" in found.doubt


def test_numbers_that_are_no_times_are_none() -> None:
    assert time_format(pa.array(["1", "2", "300"])) is None
    assert time_format(pa.array(["red", "blue"])) is None
    assert time_format(pa.array([None, None], pa.string())) is None


def test_quotes_within_values_are_ordinary_characters() -> None:
    written = dialect(b'10|"Leon" (1994)|x\n20|the "best" of it|y\n30|a 5" disk|z\n')
    assert (written.delimiter, written.quoted) == ("|", False)
    assert dialect(b'a,b\n"x, y",2\n"z",3\n').quoted
