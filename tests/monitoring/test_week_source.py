"""The exporter's look at the lake: what moved from the same hours of earlier weeks, and nothing where nobody can say."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from recommndr.drift.weeks import MIN_SHOPPERS
from recommndr_lake_writer.hours_of_week import WEEK
from recommndr_monitoring import metrics, week_look
from recommndr_monitoring.source import Sample, SourceUnavailable
from recommndr_monitoring.week_source import WeekSource, in_process
from tests.lake_writer.answers import written
from tests.lake_writer.test_hours_of_week import given

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = NOW - timedelta(minutes=10)


def filled(lake: Path, weeks: int, times: float = 1.0, cold: int = 0) -> None:
    """So many earlier weeks; the prices of this one are in another unit, and nothing was known of some shoppers."""
    prices = np.random.default_rng(1).lognormal(size=(weeks + 1, MIN_SHOPPERS + 50))
    prices[0] *= times
    written(
        lake,
        [
            given(f"u{n}", 10_000 * back + n, AT - back * WEEK, float(price), n_events=0 if back == 0 and n < cold else 3)
            for back, of_week in enumerate(prices)
            for n, price in enumerate(of_week)
        ],
    )


def told(found: Iterable[Sample]) -> dict[tuple[str, ...], float]:
    return {(one.family.removeprefix("recommndr_drift_"), *one.labels): one.value for one in found}


def samples(lake: Path) -> dict[tuple[str, ...], float]:
    found = list(week_look.samples(lake, lake / "bundles", NOW))
    families = metrics.families()
    for one in found:
        families[one.family].add_metric(one.labels, one.value)
    return told(found)


def test_a_column_that_moved_and_the_shoppers_behind_it_are_told(tmp_path: Path) -> None:
    filled(tmp_path, weeks=2, times=100.0)
    found = samples(tmp_path)
    assert found["week_shoppers", "grocer"] == MIN_SHOPPERS + 50
    assert found["week_weeks", "grocer"] == 2
    assert min(found["week_psi", "grocer", "price"], found["week_ks", "grocer", "price"]) > 0.5
    assert found["week_psi", "grocer", "age"] < 0.01


def test_shares_of_unknown_shoppers_are_told_now_and_earlier(tmp_path: Path) -> None:
    filled(tmp_path, weeks=1, cold=110)
    found = samples(tmp_path)
    assert found["unknown_ratio", "grocer", "unknown_shopper", "now"] == pytest.approx(110 / (MIN_SHOPPERS + 50))
    assert found["unknown_ratio", "grocer", "unknown_shopper", "earlier"] == 0.0
    assert found["mix_psi", "grocer", "unknown_shopper"] > 0.25
    assert ("week_shoppers", "grocer") not in found  # one week is not enough


def test_items_that_the_bundle_lacks_need_its_copy(tmp_path: Path) -> None:
    np.save(tmp_path / "item_ids.npy", np.array([name.encode() for name in ("bread", "käse")], "S"))
    known = week_look.item_ids(tmp_path)
    assert known is not None and known.to_pylist() == ["bread", "käse"]
    assert week_look.item_ids(tmp_path / "none") is None


def test_a_look_is_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "NOW", datetime.now(UTC))
    monkeypatch.setattr(sys.modules[__name__], "AT", datetime.now(UTC) - timedelta(minutes=20))
    filled(tmp_path / "lake", weeks=2, times=100.0)
    found = told(WeekSource(in_process(tmp_path / "lake", tmp_path)).samples())
    assert found["week_psi", "grocer", "price"] > 0.5


def test_without_a_lake_there_is_nothing_to_tell_and_a_broken_one_is_away(tmp_path: Path) -> None:
    assert WeekSource(in_process(tmp_path, tmp_path)).samples() == []
    (tmp_path / "served" / "_delta_log").mkdir(parents=True)
    (tmp_path / "served" / "_delta_log" / f"{0:020}.json").write_text("garbage")
    with pytest.raises(SourceUnavailable, match=r"lake .*:"):
        WeekSource(in_process(tmp_path, tmp_path)).samples()
