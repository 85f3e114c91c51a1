"""Events that got their ids by other rules are not mixed with new ones: the import says so, and `--replace` mends it."""

from pathlib import Path

import pytest

from recommndr_importing import lake_rows
from recommndr_importing.rules import RULES_VERSION, OtherRules
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import read_events
from tests.importing.shop import imported, lines, log, row
from tests.importing.test_replace import from_the_topic
from tests.lake_writer.housekeeping import upkeep

LOG = log(row(), row(kind="buy", order="o1"))


def imported_before(folder: Path, monkeypatch: pytest.MonkeyPatch, version: int | None) -> None:
    """A lake of an earlier release: under the mark of its rules, or without one."""
    with monkeypatch.context() as patch:
        if version is None:
            patch.setattr(EventsTable, "mark_import_rules", lambda self, tenant, version: None)
        else:
            patch.setattr(lake_rows, "RULES_VERSION", version)
        imported(folder, LOG)


@pytest.mark.parametrize(("version", "told"), [(None, "of an unknown version"), (1, "of version 1")])
def test_a_lake_of_other_rules_takes_no_more_events_until_they_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int | None, told: str
) -> None:
    imported_before(tmp_path, monkeypatch, version)
    before, n_commits = lines(tmp_path / "lake"), len(list((tmp_path / "lake/events/_delta_log").iterdir()))
    for dry_run in (True, False):
        with pytest.raises(OtherRules) as raised:
            imported(tmp_path, LOG, dry_run=dry_run)
    said = str(raised.value)
    assert said.startswith(f"{tmp_path / 'lake'}: holds imported or simulated events of boutique {told};")
    assert said.endswith(f"import FILES --tenant boutique --mapping MAPPING --lake {tmp_path / 'lake'} --replace")
    assert "\n" not in said
    assert lines(tmp_path / "lake") == before
    assert len(list((tmp_path / "lake/events/_delta_log").iterdir())) == n_commits
    imported(tmp_path, LOG, replace=True)
    assert imported(tmp_path, LOG).written.n_known == 2


def test_a_replacement_that_stops_half_way_leaves_the_mark_of_the_rules_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported_before(tmp_path, monkeypatch, 1)

    def fails(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(EventsTable, "replace_imported", fails)
        with pytest.raises(OSError, match="full"):
            imported(tmp_path, LOG, replace=True)
    with pytest.raises(OtherRules):
        imported(tmp_path, LOG)


def test_what_other_tenants_and_the_topic_brought_asks_for_no_replacement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported_before(tmp_path, monkeypatch, None)
    EventsTable(tmp_path / "books").append(from_the_topic(), {})
    imported(tmp_path, LOG, tenant="books")
    assert read_events(tmp_path / "lake", "books").num_rows == 2
    imported(tmp_path, LOG, lake_dir=tmp_path / "books")
    assert read_events(tmp_path / "books", "boutique").num_rows == 3


def test_the_mark_outlives_compaction_and_a_checkpoint_of_the_log(tmp_path: Path) -> None:
    imported(tmp_path, LOG)
    upkeep(tmp_path / "lake").compact()
    EventsTable(tmp_path / "lake")._table.create_checkpoint()
    assert EventsTable(tmp_path / "lake").import_rules("boutique") == RULES_VERSION
    assert EventsTable(tmp_path / "lake").import_rules("books") is None
