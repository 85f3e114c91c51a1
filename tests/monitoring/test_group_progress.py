"""Lag and standstill of consumer groups, from what Kafka says."""

from hypothesis import given
from hypothesis import strategies as st

from recommndr_monitoring.group_progress import GroupProgress
from recommndr_monitoring.source import Sample

T0, T1 = ("t", 0), ("t", 1)


def told(samples: list[Sample], name: str) -> dict[tuple[str, ...], float]:
    return {sample.labels: sample.value for sample in samples if sample.family == f"recommndr_kafka_group_{name}"}


def test_a_lag_is_what_a_group_has_not_committed_of_a_topic() -> None:
    ends = {T0: 10, T1: 7, ("u", 0): 4}
    commits = {"g": {T0: 4, T1: 7, ("u", 0): -1, ("gone", 0): 1}, "h": {T0: 12}}
    assert told(GroupProgress().samples(ends, commits, 0.0), "lag_records") == {("g", "t"): 6, ("h", "t"): 0}


def test_a_single_unread_record_in_one_partition_is_a_standstill_whatever_the_others_do() -> None:
    progress = GroupProgress()
    for second in range(0, 200, 5):
        found = progress.samples({T0: 11, T1: 100 + second}, {"g": {T0: 10, T1: 100 + second}}, float(second))
    assert told(found, "stalled_seconds") == {("g", "t"): 195.0}
    found = progress.samples({T0: 12, T1: 300}, {"g": {T0: 11, T1: 300}}, 200.0)
    assert told(found, "stalled_seconds") == {("g", "t"): 0.0}


def test_a_group_that_has_read_everything_does_not_stand_still_and_its_clock_starts_with_the_next_record() -> None:
    progress = GroupProgress()
    for second in (0, 500, 1_000):
        assert told(progress.samples({T0: 5}, {"g": {T0: 5}}, float(second)), "stalled_seconds") == {("g", "t"): 0.0}
    assert told(progress.samples({T0: 6}, {"g": {T0: 5}}, 1_005.0), "stalled_seconds") == {("g", "t"): 5.0}
    assert told(progress.samples({T0: 6}, {"g": {T0: 5}}, 1_065.0), "stalled_seconds") == {("g", "t"): 65.0}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_the_standstill_is_the_time_since_the_last_look_at_which_it_had_read_all_or_moved(steps: list[tuple[int, int]]) -> None:
    progress, committed, end, since = GroupProgress(), 0, 0, 0
    for now, (more, read) in enumerate(steps):
        end += more
        before, committed = committed, min(committed + read, end)
        since = now if now == 0 or committed != before or committed == end else since
        found = progress.samples({T0: end}, {"g": {T0: committed}}, float(now))
        assert told(found, "stalled_seconds") == {("g", "t"): float(now - since)}
