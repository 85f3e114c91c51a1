"""The exporter shows each tenant's newest consistency report, and says when one cannot be read."""

import json
from pathlib import Path

import pytest

from recommndr_monitoring.consistency_reports import ConsistencyReports
from recommndr_monitoring.source import SourceUnavailable
from recommndr_training.live.consistency import Compared, Consistency, report
from tests.recommndr.served_answers import floats


def written(folder: Path, tenant: str, logged: float) -> None:
    """The report of one answer, in which column `a` should be 1."""
    columns = report([Compared("r1", ("a", "b"), floats([logged, 5]), floats([1, 5]), floats([1, 5]))])
    made = Consistency(tenant, 1_700_000_000.0, 1, 2, 3, columns)
    (folder / f"{tenant}.json").write_text(json.dumps(made.to_json()))


def test_what_the_command_writes_is_what_the_exporter_shows(tmp_path: Path) -> None:
    written(tmp_path, "books", 1.0)
    written(tmp_path, "grocer", 2.0)
    found = {(one.family.removeprefix("recommndr_consistency_"), *one.labels): one.value
             for one in ConsistencyReports(tmp_path).samples()}  # fmt: skip
    assert found[("differing_ratio", "grocer")] == 1.0
    assert found[("differing_ratio", "books")] == 0.0
    assert found[("answers", "grocer")] == 1
    assert found[("left_out", "grocer")] == 2
    assert found[("made_seconds", "grocer")] == 1_700_000_000.0
    assert {labels: value for labels, value in found.items() if labels[0] == "column_differing_ratio"} == {
        ("column_differing_ratio", "grocer", "a"): 1.0
    }


def test_before_the_first_report_there_is_nothing_to_show(tmp_path: Path) -> None:
    assert ConsistencyReports(tmp_path / "not-there-yet").samples() == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"n_answers": "many"}'])
def test_a_damaged_report_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "grocer.json").write_text(text)
    with pytest.raises(SourceUnavailable, match=r"grocer\.json"):
        ConsistencyReports(tmp_path).samples()
