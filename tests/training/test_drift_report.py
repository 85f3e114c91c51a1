"""`recommndr drift`: a page that shows where a release's slots differ."""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recommndr.identity import TenantId
from recommndr_training.cli import app
from recommndr_training.live import served_topic
from recommndr_training.live.drift_report import NothingBeside, newest_release, page
from recommndr_training.live.served_topic import ServedAnswers
from tests.recommndr.test_drift import NOW_S, RELEASE, answers
from tests.training.served_records import Record, record

GROCER = TenantId("grocer")
SINCE = datetime.fromtimestamp(NOW_S - 3_600, UTC)


def records(swapped: bool = True, n: int = 120) -> list[Record]:
    random = np.random.default_rng(2)
    arms = [*answers("stable", n, random), *answers("challenger", n, random, swapped=swapped)]
    return [record(answer, f"u{place}") for place, answer in enumerate(arms)]


def test_the_page_has_the_furthest_columns_first_and_a_plot() -> None:
    key, arms = newest_release(GROCER, ServedAnswers.of(records(), GROCER, SINCE))
    assert key == RELEASE
    text = page(key, arms)
    order = re.findall(r"<tr><td>(\w+)</td>", text)
    assert set(order[:2]) == {"price", "age"}
    assert order[2:] == ["orders"]
    (png,) = re.findall(r"base64,([^\"]+)", text)
    assert base64.b64decode(png).startswith(b"\x89PNG")
    assert "120 shoppers of each slot" in text


def test_a_column_without_a_known_value_is_plotted_as_nothing() -> None:
    found = ServedAnswers.of(records(), GROCER, SINCE)
    key, arms = newest_release(GROCER, found)
    for sample in (arms.stable, arms.challenger):
        sample.inputs[:, 2] = np.nan
    assert "<td>none</td><td>none</td><td>100.0%</td><td>100.0%</td>" in page(key, arms)


def test_without_a_release_under_way_there_is_no_page() -> None:
    for some in (records(n=20), []):
        with pytest.raises(NothingBeside, match="look while one is under way"):
            newest_release(GROCER, ServedAnswers.of(some, GROCER, SINCE))


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_test(*_: object) -> ServedAnswers:
        return ServedAnswers.of(records(), GROCER, SINCE)

    monkeypatch.setattr(served_topic.ServedAnswers, "read", of_test)
    done = CliRunner().invoke(app, ["drift", "--tenant", "grocer", "--out", str(tmp_path / "drift.html")])
    assert done.exit_code == 0, done.output
    assert "120 shoppers of each slot" in done.output
    assert "price" in (tmp_path / "drift.html").read_text()
