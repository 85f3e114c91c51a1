"""Files that change while a process runs."""

import json
import logging
from pathlib import Path

import pytest

from recommndr.settings import load
from recommndr.watched_file import WatchedFile, refresh, watched_secret


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.json"
    path.write_text("[1]")
    return path


def replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(path)


def test_what_replaces_the_file_is_read_at_the_next_look(path: Path) -> None:
    file = WatchedFile(path, json.loads)
    replace(path, "[2]")
    assert file() == [1]
    file.refresh()
    assert file() == [2]


def test_what_did_not_change_is_the_same_object(path: Path) -> None:
    file = WatchedFile(path, json.loads)
    before = file()
    file.refresh()
    assert file() is before


def test_what_cannot_be_used_leaves_the_last_good_content_and_is_reported_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = WatchedFile(path, json.loads)
    replace(path, "[3")
    with caplog.at_level(logging.ERROR):
        file.refresh()
        file.refresh()
    assert file() == [1]
    assert [record.message.startswith(f"{path}: cannot be read") for record in caplog.records] == [True]
    replace(path, "[4]")
    file.refresh()
    assert file() == [4]


def test_a_file_that_may_be_missing_comes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "later.json"
    file = WatchedFile(path, json.loads, missing=[])
    assert file() == []
    path.write_text("[1]")
    file.refresh()
    assert file() == [1]
    path.unlink()
    file.refresh()
    assert file() == []


def test_a_file_that_has_to_be_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        WatchedFile(tmp_path / "absent.json", json.loads)


def test_one_step_reads_all_files_again(path: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[1]")
    files = [WatchedFile(path, json.loads), WatchedFile(tmp_path / "other.json", json.loads)]
    step = refresh(*files)
    replace(path, "[5]")
    replace(tmp_path / "other.json", "[6]")
    step()
    assert [file() for file in files] == [[5], [6]]


def test_a_secret_is_read_again_where_a_file_was_named(tmp_path: Path) -> None:
    path = tmp_path / "attribution"
    path.write_text("a" * 32)
    named = load({"RECOMMNDR_ATTRIBUTION_KEY_FILE": str(path)})
    plain = load({"RECOMMNDR_ATTRIBUTION_KEY": "a" * 32})
    from_file, from_text = (watched_secret(each, "attribution_key", str.strip) for each in (named, plain))
    replace(path, "b" * 32)
    from_file.refresh()
    from_text.refresh()
    assert (from_file(), from_text()) == ("b" * 32, "a" * 32)
