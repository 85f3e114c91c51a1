"""`recommndr drift`: a page that shows where a release's slots differ."""

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recommndr.identity import TenantId
from recommndr_lake_writer.hours_of_week import WEEK, HoursOfWeek, read
from recommndr_training.cli import app
from recommndr_training.live import served_topic
from recommndr_training.live.drift_page import page
from recommndr_training.live.drift_report import newest_release, of_arms, of_mixes, windows_of
from recommndr_training.live.served_topic import ServedAnswers
from recommndr_training.live.week_report import sections
from tests.lake_writer.answers import written
from tests.lake_writer.test_hours_of_week import given
from tests.recommndr.test_drift import NOW_S, RELEASE, answers
from tests.training.served_records import Record, record

GROCER = TenantId("grocer")
SINCE = datetime.fromtimestamp(NOW_S - 3_600, UTC)


def records(swapped: bool = True, n: int = 120) -> list[Record]:
    random = np.random.default_rng(2)
    arms = [*answers("stable", n, random), *answers("challenger", n, random, swapped=swapped)]
    return [record(answer, f"u{place}") for place, answer in enumerate(arms)]


def told(found: ServedAnswers) -> str:
    release = newest_release(windows_of(GROCER, found))
    assert release is not None and release[0] == RELEASE
    return page("Drift", [of_arms(*release)])


def test_the_page_has_the_furthest_columns_first_and_a_plot() -> None:
    text = told(ServedAnswers.of(records(), GROCER, SINCE))
    order = re.findall(r"<tr><td>(\w+)</td>", text)
    assert set(order[:2]) == {"price", "age"}
    assert order[2:] == ["orders"]
    (png,) = re.findall(r"base64,([^\"]+)", text)
    assert base64.b64decode(png).startswith(b"\x89PNG")
    assert "120 shoppers of each slot" in text


def test_a_column_without_a_known_value_is_plotted_as_nothing() -> None:
    release = newest_release(windows_of(GROCER, ServedAnswers.of(records(), GROCER, SINCE)))
    assert release is not None
    for sample in (release[1].stable, release[1].challenger):
        sample.inputs[:, 2] = np.nan
    assert "<td>none</td><td>none</td><td>100.0%</td><td>100.0%</td>" in page("Drift", [of_arms(*release)])


def test_the_mixes_of_the_shoppers_of_both_slots_are_on_the_page() -> None:
    windows = windows_of(GROCER, ServedAnswers.of(records(), GROCER, SINCE))
    text = page("Drift", [of_mixes(RELEASE, windows)])
    assert re.findall(r"<tr><td>([\w ]+)</td>", text) == ["country", "device", "list", "unknown shopper"]
    assert "<td>120</td><td>120</td>" in text


def test_without_a_release_under_way_there_is_none() -> None:
    for some in (records(n=20), []):
        assert newest_release(windows_of(GROCER, ServedAnswers.of(some, GROCER, SINCE))) is None


def weeks_of(lake: Path, until: datetime) -> HoursOfWeek:
    """This week prices are in another unit, and of some shoppers nothing is known."""
    at, prices = until - timedelta(minutes=10), np.random.default_rng(1).lognormal(size=(4, 550))
    prices[0] *= 100
    written(
        lake,
        [
            given(f"u{n}", 10_000 * back + n, at - back * WEEK, float(price), n_events=0 if back == 0 and n < 100 else 3)
            for back, of_week in enumerate(prices)
            for n, price in enumerate(of_week)
        ],
    )
    return read(lake, "grocer", until)


def test_the_page_has_what_moved_from_earlier_weeks_and_the_mixes(tmp_path: Path) -> None:
    found = list(sections(weeks_of(tmp_path, datetime(2026, 3, 1, 12, tzinfo=UTC))))
    text = page("Drift of a <shop>", found)
    assert "550 shoppers of the last hour beside 1650 of the same hours of 3 earlier weeks" in text
    assert re.findall(r"<tr><td>(\w+)</td>", text)[0] == "price"
    assert len(re.findall(r"base64,", text)) == 2
    assert "<td>unknown shopper</td>" in text
    assert "<td>country</td><td>unknown</td><td>0</td>" in text
    assert "<shop>" not in text


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [records()]

    def of_test(*_: object) -> ServedAnswers:
        return ServedAnswers.of(some[0], GROCER, SINCE)

    monkeypatch.setattr(served_topic.ServedAnswers, "read", of_test)
    monkeypatch.setenv("RECOMMNDR_LAKE_DIR", str(tmp_path / "lake"))
    words = ["drift", "--tenant", "grocer", "--out", str(tmp_path / "drift.html")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "120 shoppers of each slot" in done.output
    assert "price" in (tmp_path / "drift.html").read_text()
    some[0] = []
    nothing = CliRunner().invoke(app, words)
    assert nothing.exit_code == 1
    assert "look while a release is under way" in nothing.stderr
    weeks_of(tmp_path / "lake", datetime.now(UTC))
    assert "3 earlier weeks" in CliRunner().invoke(app, words).output
