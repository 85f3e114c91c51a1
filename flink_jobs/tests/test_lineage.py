import os
from dataclasses import replace
from pathlib import Path

import pytest

from recommndr_flink_jobs import lineage
from recommndr_flink_jobs.lineage import Checkpoint, KindsMoved, Lineage, Start

IDS = {"events": "a"}
NOW = Lineage(2, IDS, {"grocer": 5}, {"grocer": 10.0, "new": 1.0}, {"grocer": []})
PATH = Path("chk-7")


@pytest.mark.parametrize(
    ("then", "seeds_waited", "exact", "resumes"),
    [
        (NOW, False, True, True),
        (Lineage(2, IDS, {}, {}), False, True, True),  # first seeds, new tenants: the resumed run takes them up
        (Lineage(1, IDS, {"grocer": 5}, {"grocer": 10.0}), False, False, False),  # another graph: nothing can be read
        (Lineage(2, {"events": "b"}, {"grocer": 5}, {"grocer": 10.0}), False, False, False),  # another Kafka
        (Lineage(2, IDS, {"grocer": 4}, {"grocer": 10.0}), False, True, False),  # newer seeds
        (Lineage(2, IDS, {"grocer": 4}, {"grocer": 10.0}), False, False, True),  # newer seeds, but events after them are gone
        (Lineage(2, IDS, {"grocer": 5}, {"grocer": 9.0}), False, True, False),  # the tenant changed its half-life
        (NOW, True, True, False),
        (NOW, True, False, True),
    ],
)
def test_resumes_unless_a_rebuild_is_needed_and_exact(then: Lineage, seeds_waited: bool, exact: bool, resumes: bool) -> None:
    start = lineage.decide(Checkpoint(PATH, then, seeds_waited), NOW, exact)
    assert start.checkpoint == (PATH if resumes else None)
    assert start.reason


def with_kinds(*kinds: str) -> Lineage:
    return replace(NOW, own_kinds={"grocer": kinds})


def test_kinds_may_be_appended() -> None:
    for then, now in ((NOW, with_kinds("a")), (with_kinds("a"), with_kinds("a", "b")), (with_kinds("a"), with_kinds("a"))):
        assert lineage.decide(Checkpoint(PATH, then, seeds_waited=False), now, rebuild_is_exact=True).checkpoint == PATH


@pytest.mark.parametrize("now", [(), ("b",), ("b", "a"), ("a",)])
def test_kinds_that_moved_stop_the_job_by_name(now: tuple[str, ...]) -> None:
    with pytest.raises(KindsMoved, match="own_kinds of grocer were"):
        lineage.decide(Checkpoint(PATH, with_kinds("a", "b"), seeds_waited=False), with_kinds(*now), rebuild_is_exact=True)


def test_rebuilds_without_a_checkpoint() -> None:
    assert lineage.decide(None, NOW, rebuild_is_exact=False) == Start(None, "no complete checkpoint")


@pytest.mark.parametrize(
    ("boundaries", "earliest", "exact"),
    [
        ({}, (0, 0), True),
        ({}, (0, 1), False),  # a tenant without seeds has lost an event
        ({"a": (5, 5)}, (5, 4), True),
        ({"a": (5, 5)}, (6, 0), False),
    ],
)
def test_a_rebuild_is_exact_while_all_events_after_the_seeds_are_kept(
    boundaries: dict[str, tuple[int, int]], earliest: tuple[int, int], exact: bool
) -> None:
    assert lineage.rebuild_is_exact(["a"], boundaries, earliest) is exact


DAY_S = 86_400


@pytest.mark.parametrize(
    ("earliest", "first_at_s", "since_s"),
    [
        ((0, 0), (None, None), 0),
        ((0, 0), (5.0, None), 0),  # nothing was ever deleted
        ((3, 0), (5 * DAY_S + 1.0, 1.0), 6 * DAY_S),
        ((3, 9), (5 * DAY_S + 1.0, 7 * DAY_S - 1.0), 7 * DAY_S),
        ((3, 9), (5 * DAY_S + 1.0, None), 10 * DAY_S),  # all of a partition is deleted
    ],
)
def test_outcomes_count_from_the_first_day_of_which_no_event_is_lost(
    earliest: tuple[int, int], first_at_s: tuple[float | None, float | None], since_s: int
) -> None:
    assert lineage.complete_since_s(earliest, first_at_s, 9.5 * DAY_S) == since_s


def checkpoint(checkpoints: Path, run: str, number: int, at_s: float, complete: bool = True) -> Path:
    folder = checkpoints / run / "job" / f"chk-{number}"
    folder.mkdir(parents=True)
    if complete:
        (folder / "_metadata").touch()
        os.utime(folder / "_metadata", (at_s, at_s))
    return folder


def test_the_newest_complete_checkpoint_of_a_known_run_counts(tmp_path: Path) -> None:
    NOW.save(tmp_path / "old")
    NOW.save(tmp_path / "new")
    checkpoint(tmp_path, "old", 9, at_s=100)
    newest = checkpoint(tmp_path, "new", 1, at_s=200)
    checkpoint(tmp_path, "new", 2, at_s=300, complete=False)
    checkpoint(tmp_path, "unknown", 3, at_s=400)
    assert lineage.newest_checkpoint(tmp_path) == Checkpoint(newest, NOW, seeds_waited=False)
    lineage.note_seeds_waited(tmp_path / "new")
    assert lineage.newest_checkpoint(tmp_path) == Checkpoint(newest, NOW, seeds_waited=True)


def test_a_lineage_of_another_shape_is_no_lineage(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lineage.json").write_text('{"color": "blue"}')
    checkpoint(tmp_path, "run", 1, at_s=100)
    assert lineage.newest_checkpoint(tmp_path) is None


def test_the_first_checkpoint_of_a_run_replaces_those_before(tmp_path: Path) -> None:
    NOW.save(tmp_path / "old")
    NOW.save(tmp_path / "new")
    assert not lineage.has_checkpoint(tmp_path / "new")
    checkpoint(tmp_path, "new", 1, at_s=1)
    assert lineage.has_checkpoint(tmp_path / "new")
    lineage.forget_other_runs(tmp_path, tmp_path / "new")
    assert [folder.name for folder in tmp_path.iterdir()] == ["new"]
