"""Seeds come in two phases, per tenant: seeds and live events give the replay of everything, whatever dies on the way."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from making import (
    FRESH,
    OWN_KINDS,
    TENANT,
    TOPIC_ID,
    PlainJob,
    anew,
    announced,
    begun,
    complete,
    cut,
    event,
    histories,
    is_the_replay,
    published,
    raw,
    raw_seed,
    replayed,
    replayed_segments,
    seeds_of,
    shopper_of,
)

from recommndr.counting import Counting
from recommndr.dead_letter import DeadLetter
from recommndr.events import Event
from recommndr.features.action import Action
from recommndr.seed import N_SHARES, Seed
from recommndr.topics import DEAD_LETTER, EVENTS, GENERATIONS, ITEM_FEATURES, PARTITIONS, PURCHASED_FEATURES, SEEDS
from recommndr_flink_jobs import catch_up, metrics
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.route import Raw

A_DAY = Counting(86_400.0)


def laid(history: list[Event], first: int = 0) -> list[Raw]:
    """Events in Kafka: two partitions, by user."""
    return [raw(one, offset, 1 if one.user_id == "u2" else 0) for offset, one in enumerate(history, first)]


def in_time(history: list[Event]) -> list[Event]:
    """Without events that are too late for live states: whether seeds have them depends on the cut."""
    return [one for one in history if Action.from_event(one, OWN_KINDS) is not None]


def up_to(offset: int) -> tuple[int, ...]:
    return (offset,) * PARTITIONS


@given(histories(), st.booleans(), st.data())
def test_a_running_job_comes_to_the_replay_of_everything(history: list[Event], recounts: bool, data: st.DataObject) -> None:
    """The publisher begins, looks some time later how far the events are, and writes seeds of that; workers die anywhere."""
    history = in_time(history)
    records = laid(history)
    at = data.draw(st.integers(0, len(records)))  # the cut; what it contains may come late
    heard = data.draw(st.integers(0, at))
    early, late = records[:heard], data.draw(st.permutations(records[heard:]))
    counting = A_DAY if recounts else Counting()
    seeds = seeds_of(history[:at], 1, counting)
    first = begun(1, counting)
    located = cut(first, up_to(at))
    n_before_cut = data.draw(st.integers(0, len(late)))
    job = PlainJob()
    job.take(*early)
    job.take(announced(first))
    job.take(*late[:n_before_cut])
    after = [announced(located), *seeds, announced(complete(located, seeds)), *late[n_before_cut:]]
    for number, one in enumerate(data.draw(st.permutations(after))):
        job.take(one)
        if number == data.draw(st.integers(0, len(after))):
            job = job.restarted()
    is_the_replay(job.states(), history, counting)
    assert {place.partition("|")[0] for _, place in job.store.of_entities()} <= {"1"}  # nothing is left of the earlier life
    assert not job.store.n_held()


@given(histories(), st.data())
def test_seeds_that_come_before_their_announcement_are_taken_up(history: list[Event], data: st.DataObject) -> None:
    """A job that starts reads its topics in any order; the announcement comes before the first event beyond the cut."""
    history = in_time(history)
    records = laid(history)
    at = data.draw(st.integers(0, len(records)))
    seeds = seeds_of(history[:at], 1, A_DAY)
    n_early = data.draw(st.integers(0, len(seeds)))
    located = cut(begun(1, A_DAY), up_to(at))
    first, *others = data.draw(st.permutations([begun(1, A_DAY), located, complete(located, seeds)]))
    job = PlainJob()
    for one in data.draw(st.permutations(records[:at] + seeds[:n_early])):
        job.take(one)
    job.take(announced(first))
    for one in data.draw(st.permutations([*map(announced, others), *seeds[n_early:], *records[at:]])):
        job.take(one)
    is_the_replay(job.states(), history, A_DAY)
    assert not job.folder.lives.waiting
    assert not job.store.n_held()


@given(histories(), st.data())
def test_seeds_of_which_no_checkpoint_knows_are_taken_up_after_a_kill(history: list[Event], data: st.DataObject) -> None:
    """The worker heard that a publication begins, and dies; the next one reads events and announcements again, in any order."""
    history = in_time(history)
    records = laid(history)
    at = data.draw(st.integers(0, len(records)))
    n_kept = data.draw(st.integers(0, at))
    seeds, located = seeds_of(history[:at], 1), cut(begun(1), up_to(at))
    announcements = [begun(1), located, complete(located, seeds)]
    n_known = data.draw(st.integers(1, 3))
    job = PlainJob()
    job.take(*records[:n_kept])
    checkpoint = job.checkpoint()
    job.take(announced(begun(1)), *records[n_kept:])
    job.fall_back(checkpoint, *announcements[:n_known])
    for one in data.draw(st.permutations([*map(announced, announcements), *seeds, *records[n_kept:]])):
        job.take(one)
    assert not job.folder.lives.refused
    is_the_replay(job.states(), history)
    assert not job.store.n_held()


def test_a_bucket_with_a_seed_keeps_events_back_until_it_knows_the_cut() -> None:
    history = [event(1), event(7)]  # from one place, so that no other bucket hears of the second
    seeds = seeds_of(history[:1], 1)
    located = cut(begun(1), up_to(1))
    job = PlainJob()
    job.take(*seeds)
    job.take(*laid(history)[1:])
    assert len(job.folder.lives.waiting) == job.n_buckets()
    job.take(announced(located), announced(complete(located, seeds)))
    is_the_replay(job.states(), history)
    assert not job.folder.lives.refused


@given(histories(), st.data())
def test_a_job_that_begins_anew_comes_to_the_replay_of_everything(history: list[Event], data: st.DataObject) -> None:
    """Older seeds that are not compacted yet are read too, at any position."""
    history = in_time(history)
    newer = data.draw(st.integers(0, len(history)))
    older = data.draw(st.integers(0, newer))
    origin, seeds = anew(history[:newer], 2, up_to(newer))
    job = PlainJob(origin)
    for one in data.draw(st.permutations(laid(history) + seeds + published(history[:older], 1, up_to(older)))):
        job.take(one)
    is_the_replay(job.states(), history)


@given(histories(), st.integers(0, 100), st.data())
def test_a_publisher_that_dies_leaves_everybody_as_they_were(history: list[Event], n: int, data: st.DataObject) -> None:
    history = in_time(history)
    at = data.draw(st.integers(0, len(history)))
    *publication, _complete = published(history[:at], 7, up_to(at))
    job = PlainJob()
    job.take(*laid(history)[:at])
    job.take(*publication[:n])
    is_the_replay(job.states(), history[:at])
    assert not n or job.folder.lives.waiting
    job.take(*laid(history)[at:])
    is_the_replay(job.states(), history)
    job.take(*published(history, 8, up_to(len(history))))  # the next one is taken up all the same
    is_the_replay(job.states(), history)
    assert job.counts[metrics.GENERATIONS_SHOWN]


def test_a_job_that_begins_anew_after_a_publisher_died_uses_the_seeds_before() -> None:
    history = [event(number, f"u{number}") for number in range(1, 5)]
    whole = complete(cut(begun(1), up_to(2)), seeds_of(history[:2], 1))
    origin = Origin.of({TENANT: [whole, cut(begun(2), up_to(3))]}, TOPIC_ID).anew({TENANT: whole.n_seeds}, {})
    job = PlainJob(origin)
    job.take(*laid(history), *seeds_of(history[:2], 1), *seeds_of(history[:3], 2)[:2])
    is_the_replay(job.states(), history)


def test_nothing_is_shown_of_a_job_that_begins_anew_before_all_seeds_are_there() -> None:
    history = [event(number, f"u{number}", (f"i{number}",)) for number in range(1, 9)]
    origin, seeds = anew(history, 1, up_to(8))
    job = PlainJob(origin)
    job.take(raw(event(9, "u1"), 8), *seeds[1:])
    of_u1 = [record for record in job.records if record.key == b"grocer|u1"]
    assert not of_u1
    job.take(seeds[0])
    is_the_replay(job.states(), [*history, event(9, "u1")])


def test_of_who_is_no_longer_there_tombstones_are_written() -> None:
    history = [event(1, "gone", ("i1",)), event(2, "stays", ("i2",), kind="purchase")]
    job = PlainJob()
    job.take(*laid(history))
    job.take(*published(history[1:], 1, up_to(2)))
    is_the_replay(job.states(), history[1:])
    deleted = {(record.topic, record.key) for record in job.records if record.value is None}
    assert (ITEM_FEATURES.name, b"grocer|i1") in deleted
    in_segments = {f"grocer|{entity}".encode() for entity in replayed_segments(history[:1])}
    assert {key for _, key in deleted} == {b"grocer|i1", b"grocer|gone", *in_segments}


def test_after_a_changed_half_life_purchases_count_as_before_until_seeds_count_them_anew() -> None:
    orders = [event(number, kind="purchase", minutes_ago=24 * 60 - 8 * number) for number in range(1, 5)]
    records = laid(orders)
    job = PlainJob()
    job.take(*records[:2])
    job = job.restarted(counting={TENANT: A_DAY})
    job.take(records[2])
    is_the_replay(job.states(), orders[:3])
    first = begun(1, A_DAY)
    seeds = seeds_of(orders[:3], 1, A_DAY)
    located = cut(first, up_to(3))
    job.take(announced(first), announced(located), *seeds, records[3])
    is_the_replay(job.states(), orders)
    job.take(announced(complete(located, seeds)))
    is_the_replay(job.states(), orders, A_DAY)
    assert not job.to(DEAD_LETTER.name)


def test_seeds_are_refused_if_events_beyond_their_cut_came_before_the_announcement() -> None:
    history = [event(number) for number in range(1, 4)]
    job = PlainJob()
    job.take(*laid(history[2:], 2))
    n_beyond = job.n_buckets()
    job.take(*laid(history[:2]))
    job.take(*published(history[:2], 1, up_to(2)))
    is_the_replay(job.states(), history)
    assert job.folder.lives.refused == {(TENANT, 1)}
    assert job.counts[metrics.GENERATIONS_SHOWN] == N_SHARES - n_beyond  # buckets in which nothing beyond the cut has happened
    job.take(*published(history, 2, up_to(3)))
    is_the_replay(job.states(), history)
    assert job.counts[metrics.GENERATIONS_SHOWN] == 2 * N_SHARES - n_beyond


def test_seeds_that_count_other_kinds_are_refused() -> None:
    job = PlainJob()
    job.take(announced(cut(begun(1, own_kinds=("apply", "interest")), FRESH)), raw(event(1), 0))
    assert job.folder.lives.refused == {(TENANT, 1)}


def test_a_tenant_without_seeds_and_with_lost_events_is_not_shown_and_blocks_nobody() -> None:
    other = raw(event(1).model_copy(update={"tenant": "other"}), 0)
    job = PlainJob(Origin(awaiting=frozenset({"other"}), events_topic_id=TOPIC_ID))
    job.take(raw(event(1), 1), other)
    is_the_replay(job.states(), [event(1)])
    assert job.counts[metrics.NOT_SHOWN] == 5  # counters, seen items, the item, the item in two segments


def test_such_a_tenant_is_shown_with_its_next_seeds() -> None:
    history = [event(number) for number in range(1, 5)]
    job = PlainJob(Origin(awaiting=frozenset({TENANT}), events_topic_id=TOPIC_ID))
    job.take(*laid(history)[2:])
    assert job.records == []
    job.take(*published(history, 5, up_to(4)))
    is_the_replay(job.states(), history)


def test_seeds_of_a_topic_that_was_created_anew_contain_no_event_of_the_new_one() -> None:
    generation = complete(cut(begun(1), up_to(1_000)), seeds_of([event(1)], 1))
    origin = Origin.of({TENANT: [generation]}, "events-2").anew({TENANT: generation.n_seeds}, {})
    job = PlainJob(origin)
    job.take(raw(event(2), 0), *seeds_of([event(1)], 1), announced(generation))
    is_the_replay(job.states(), [event(1), event(2)])


def test_seeds_that_were_erased_since_are_not_waited_for() -> None:
    history = [event(1, "u1"), event(2, "u2")]
    seeds = seeds_of(history, 1)
    generation = complete(cut(begun(1), up_to(2)), seeds)
    there = [seed for seed in seeds if b":u1" not in seed.key]
    job = PlainJob(Origin.of({TENANT: [generation]}, TOPIC_ID).anew({TENANT: complete(generation, there).n_seeds}, {}))
    job.take(*there, raw(event(3, "u2", ("i1",)), 2))
    assert shopper_of(job.states(), "u2") == replayed([*history, event(3, "u2", ("i1",))])[0]["u2"]


def test_a_seed_merges_once() -> None:
    origin, seeds = anew([event(1)], 3, FRESH)
    job = PlainJob(origin)
    job.take(*seeds)
    job.take(*seeds)
    is_the_replay(job.states(), [event(1)])
    assert job.counts[metrics.SEEDS_MERGED] == 5  # the shopper's counters, what was seen, the item, the item in two segments
    assert job.counts[metrics.SEEDS_IGNORED] == 5


def test_contained_events_are_dropped_unread() -> None:
    origin, _ = anew([], 1, up_to(5))
    job = PlainJob(origin)
    job.take(raw(event(1), offset=4)._replace(value=b"garbage that a seed has digested"), raw(event(2), offset=5))
    is_the_replay(job.states(), [event(2)])
    assert job.counts[metrics.CONTAINED] == 1


def letters(job: PlainJob) -> dict[bytes, DeadLetter]:
    return {record.key: DeadLetter.from_bytes(record.value) for record in job.to(DEAD_LETTER.name)}


def test_unreadable_seeds_go_to_the_dead_letters_and_the_others_are_shown() -> None:
    origin, good = anew([event(1)], 1, FRESH)
    bad_state = raw_seed("user", "u9", Seed(1, b"no state"), offset=11)
    job = PlainJob(origin)
    job.take(
        bad_state,
        good[0]._replace(offset=12, value=b"short"),
        good[0]._replace(offset=13, key=b"no bar"),
        good[0]._replace(offset=14, key=None),
        *good,
    )
    is_the_replay(job.states(), [event(1)])
    assert set(letters(job)) == {f"{SEEDS.name}:0:{offset}".encode() for offset in (11, 12, 13, 14)}


def test_an_unreadable_announcement_goes_to_the_dead_letters() -> None:
    job = PlainJob()
    job.take(announced(begun(1))._replace(value=b"{}"), raw(event(1), 0))
    is_the_replay(job.states(), [event(1)])
    assert len(letters(job)) == 1


def test_deleted_seeds_are_passed_over() -> None:
    job = PlainJob()
    job.take(seeds_of([event(1)], 1)[0]._replace(value=None))
    assert job.records == []
    assert job.counts == {metrics.SEEDS_NOT_OURS: 1}


def test_a_fold_that_raises_costs_its_event_only() -> None:
    """The seeds count in another way than they say, so the purchases cannot be merged; all other groups can."""
    seeds = seeds_of([event(1, kind="purchase")], 1)
    generation = complete(cut(begun(1, A_DAY), FRESH), seeds)
    job = PlainJob(Origin.of({TENANT: [generation]}, TOPIC_ID).anew({TENANT: generation.n_seeds}, {}))
    job.take(*seeds)
    job.take(raw(event(2, kind="purchase"), 3), raw(event(3), 4))
    (letter,) = letters(job).values()
    assert (letter.topic, letter.offset) == (EVENTS.name, 3)
    assert "half-lives" in letter.reason
    state = shopper_of(job.states(), "u1")
    assert state.user.n_events == 3
    assert state.purchased.items["i1"].n_orders == 1
    assert (PURCHASED_FEATURES.name, f"{TENANT}|u1") in job.states()
    assert (ITEM_FEATURES.name, f"{TENANT}|i1") in job.states()


def caught_up(run_id: str) -> Raw:
    return Raw(GENERATIONS.name, 0, 0, catch_up.KEY, run_id.encode(), None, None)


@given(histories(), st.booleans(), st.data())
def test_states_that_begin_anew_are_shown_when_the_run_has_caught_up(
    history: list[Event], restarts: bool, data: st.DataObject
) -> None:
    history = in_time(history)
    at = data.draw(st.integers(0, len(history)))
    origin, seeds = anew(history[:at], 1, up_to(at))
    job = PlainJob(replace(origin, run_id="run-2"))
    job.take(caught_up("run-1"), *data.draw(st.permutations(laid(history) + seeds)))
    assert job.records == []
    if restarts:  # the run goes on from a checkpoint
        job = job.restarted(replace(origin, run_id="run-2"))
    job.take(caught_up("run-2"))
    is_the_replay(job.states(), history)
    later = event(999, "u1", ("i1",))
    job.take(raw(later, 10_000))
    is_the_replay(job.states(), [*history, later])


def test_a_tenant_without_seeds_is_shown_then_too_and_nobody_is_shown_twice() -> None:
    job = PlainJob(Origin(run_id="run-1", events_topic_id=TOPIC_ID))
    job.take(raw(event(1), 0))
    assert job.records == []
    job.take(caught_up("run-1"))
    is_the_replay(job.states(), [event(1)])
    job.take(caught_up("run-1"))
    assert len(job.records) == 5


def test_what_is_shown_goes_on_while_the_next_run_catches_up() -> None:
    job = PlainJob()
    job.take(raw(event(1), 0))
    job = job.restarted(Origin(run_id="run-2", events_topic_id=TOPIC_ID))
    again = event(7)  # from the same place
    job.take(raw(again, 1))
    is_the_replay(job.states(), [event(1), again])
