import os
from dataclasses import replace
from pathlib import Path

import making
import pytest

from recommndr.generation import Generation
from recommndr.topics import PARTITIONS
from recommndr_flink_jobs import lineage
from recommndr_flink_jobs.lineage import Checkpoint, KindsMoved, Lineage, Start

IDS = {"events": "a"}
NOW = Lineage(2, IDS, {"grocer": []})
PATH = Path("chk-7")


@pytest.mark.parametrize(
    ("then", "resumes"),
    [
        (NOW, True),
        (Lineage(2, IDS, {}), True),  # a new tenant
        (Lineage(1, IDS, {"grocer": []}), False),  # another graph: nothing can be read
        (Lineage(2, {"events": "b"}, {"grocer": []}), False),  # another Kafka
    ],
)
def test_resumes_if_the_states_can_be_read(then: Lineage, resumes: bool) -> None:
    start = lineage.decide(Checkpoint(PATH, then), NOW, {})
    assert start.checkpoint == (PATH if resumes else None)
    assert start.reason


def with_kinds(*kinds: str) -> Lineage:
    return replace(NOW, own_kinds={"grocer": kinds})


def seeds(cut: int, own_kinds: tuple[str, ...] = ()) -> Generation:
    """Complete ones."""
    first = making.begun(1, own_kinds=own_kinds)
    return making.complete(making.cut(first, (cut,) * PARTITIONS), [])


def test_kinds_may_be_appended() -> None:
    for then, now in ((NOW, with_kinds("a")), (with_kinds("a"), with_kinds("a", "b")), (with_kinds("a"), with_kinds("a"))):
        assert lineage.decide(Checkpoint(PATH, then), now, {}).checkpoint == PATH


@pytest.mark.parametrize("now", [(), ("b",), ("b", "a"), ("a",)])
@pytest.mark.parametrize("complete", [{}, {"grocer": seeds(0, ("a", "b"))}])
def test_kinds_that_moved_stop_the_job_by_name(now: tuple[str, ...], complete: dict[str, Generation]) -> None:
    with pytest.raises(KindsMoved, match="own_kinds of grocer were"):
        lineage.decide(Checkpoint(PATH, with_kinds("a", "b")), with_kinds(*now), complete)


def test_kinds_that_seeds_count_anew_make_a_rebuild() -> None:
    start = lineage.decide(Checkpoint(PATH, with_kinds("a", "b")), with_kinds("b"), {"grocer": seeds(0, ("b",))})
    assert start == Start(None, "seeds count the kinds anew of grocer")


def test_rebuilds_without_a_checkpoint() -> None:
    assert lineage.decide(None, NOW, {}) == Start(None, "no complete checkpoint")


@pytest.mark.parametrize(
    ("complete", "first_kept", "topics_changed", "reason"),
    [
        ({}, 0, False, ""),
        ({}, 1, False, "no complete seeds"),
        ({}, 0, True, "no complete seeds"),  # the events before are in the topic that is gone
        ({"grocer": seeds(5)}, 5, False, ""),
        ({"grocer": seeds(5)}, 6, False, "no longer kept"),
        ({"grocer": seeds(5)}, 0, True, ""),
        ({"grocer": seeds(5, ("a",))}, 5, False, ""),
    ],
)
def test_a_tenant_whose_states_would_lack_something_waits_for_seeds_and_no_other_does(
    complete: dict[str, Generation], first_kept: int, topics_changed: bool, reason: str
) -> None:
    earliest = (0,) * (PARTITIONS - 1) + (first_kept,)
    both = complete | {"fine": seeds(9)}
    now = replace(NOW, own_kinds={"grocer": (), "fine": ()})
    found = lineage.awaiting_seeds(now, both, earliest, topics_changed)
    assert found.keys() <= {"grocer"}
    assert reason in found.get("grocer", "")
    assert bool(found) is bool(reason)


def test_a_tenant_waits_for_seeds_that_count_its_kinds() -> None:
    found = lineage.awaiting_seeds(with_kinds("b"), {"grocer": seeds(0, ("a",))}, (0,) * PARTITIONS, topics_changed=False)
    assert "kinds ['a']" in found["grocer"]


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
    assert lineage.newest_checkpoint(tmp_path) == Checkpoint(newest, NOW)


def test_a_lineage_of_another_shape_is_no_lineage(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lineage.json").write_text('{"color": "blue"}')
    checkpoint(tmp_path, "run", 1, at_s=100)
    assert lineage.newest_checkpoint(tmp_path) is None


def test_the_first_checkpoint_of_a_run_replaces_those_before(tmp_path: Path) -> None:
    NOW.save(tmp_path / "old")
    NOW.save(tmp_path / "new")
    assert lineage.n_checkpoints(tmp_path / "new") == 0
    checkpoint(tmp_path, "new", 1, at_s=1)
    assert lineage.n_checkpoints(tmp_path / "new") > 0
    lineage.forget_other_runs(tmp_path, tmp_path / "new")
    assert [folder.name for folder in tmp_path.iterdir()] == ["new"]
