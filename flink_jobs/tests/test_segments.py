"""Items in segments: counted once whatever comes twice, forgotten when idle, and not without end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from making import NOON, TENANT, PlainJob, event, published, raw, replayed_segments

from recommndr.events import Event
from recommndr.features import segment
from recommndr.seed import GROUP_SEGMENT, N_SHARES
from recommndr.topics import PARTITIONS, SEGMENT_FEATURES
from recommndr_flink_jobs import entity_fold, metrics, room
from recommndr_flink_jobs.groups import GROUPS

KEPT_DAYS = segment.KEPT_S / 86_400


def entities(job: PlainJob) -> set[str]:
    return {key.partition("|")[2] for topic, key in job.states() if topic == SEGMENT_FEATURES.name}


def later(days: float, one: Event) -> Event:
    gap = timedelta(days=days)
    return one.model_copy(update={name: getattr(one, name) + gap for name in ("occurred_at", "received_at", "event_at")})


def run(job: PlainJob, days: float, events: Sequence[Event], first: int) -> None:
    job.clock = NOON + timedelta(days=days)
    job.take(*(raw(later(days, one), first + number) for number, one in enumerate(events)))


def crowd(start: int) -> list[Event]:
    """So many items that each bucket hears of the time."""
    return [event(start + number, items=(f"c{number}",)) for number in range(100)]


def test_what_nobody_has_taken_for_ten_half_lives_is_forgotten_with_tombstones_and_may_come_back() -> None:
    job = PlainJob(n_recent=1_000)
    run(job, -1, crowd(1_000), 0)
    run(job, 0, [event(1, items=("old",))], 1_000)
    run(job, 5, [event(2, items=("young",))], 1_001)
    run(job, KEPT_DAYS + 3, crowd(2_000), 2_000)
    of_old, of_young = (set(replayed_segments([one])) for one in (event(1, items=("old",)), event(2, items=("young",))))
    assert not of_old & entities(job)
    assert of_young <= entities(job)
    deleted = {record.key.decode() for record in job.records if record.value is None and record.topic == SEGMENT_FEATURES.name}
    assert {f"{TENANT}|{one}" for one in of_old} <= deleted
    run(job, KEPT_DAYS + 4, [event(3, items=("old",))], 3_000)
    assert set(replayed_segments([event(3, items=("old",))])) <= entities(job)


@pytest.fixture
def of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket has room for four states of a tenant."""
    small = replace(GROUPS["segment"][0], most=4)
    monkeypatch.setitem(entity_fold._OF_LIVES, "segment", [small])
    monkeypatch.setitem(GROUPS, "segment", (small,))  # type: ignore[arg-type]


def test_invented_places_make_no_states_without_end_and_are_counted(of_four: None) -> None:
    job = PlainJob()
    known = event(1)
    job.take(raw(known, 0))
    invented = [
        one.model_copy(update={"context": one.context.model_copy(update={"region": f"nowhere {one.event_id}"})})
        for one in (event(number) for number in range(2, 400))
    ]
    job.take(*(raw(one, 10 + number) for number, one in enumerate(invented)))
    states = [place for group, place in job.store.of_entities() if group == GROUP_SEGMENT]
    assert len(states) == 4 * N_SHARES
    assert job.counts[metrics.NO_ROOM] >= 398 - len(states)
    again = job.restarted()
    again.take(raw(event(7), 1_000))  # what is known counts on
    device = segment.entity("device=device1", "i1")
    value = again.states()[SEGMENT_FEATURES.name, f"{TENANT}|{device}"]
    n_devices = sum(number % 3 == 1 for number in range(1, 400)) + 1
    assert sum(segment.from_bytes(value).sums) == pytest.approx(n_devices)


def test_a_tenant_without_room_takes_none_of_another_and_seeds_are_taken_all_the_same(of_four: None) -> None:
    job = PlainJob()
    full = [event(number, items=(f"i{number}",)) for number in range(1, 100)]
    job.take(*(raw(one, number) for number, one in enumerate(full)))
    other = event(500).model_copy(update={"tenant": "other"})
    job.take(raw(other, 200))
    assert {key for _, key in job.store.of_entities() if "|other|" in key and "\x1f" in key} == {
        f"0|other|{entity}" for entity in replayed_segments([other])
    }
    assert job.counts[metrics.NO_ROOM] > 0
    job.take(*published(full, 1, (300,) * PARTITIONS))
    assert entities(job) == set(replayed_segments(full)) | set(replayed_segments([other]))


def test_what_is_forgotten_makes_room(of_four: None) -> None:
    job = PlainJob(n_recent=1_000)
    run(job, -1, crowd(1_000), 0)
    run(job, KEPT_DAYS + 2, crowd(2_000), 1_000)
    run(job, KEPT_DAYS + 3, crowd(2_000), 2_000)
    group = GROUPS["segment"][0]
    counts = [value for (_, name, _), value in job.store.states.items() if name == room.N_STATES]
    states = [place for name, place in job.store.of_entities() if name == group.name]
    assert sum(map(int, counts)) == len(states) == len(entities(job))
