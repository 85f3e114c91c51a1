"""The job without Flink: for any order, packs and position of seeds, the states are those of a replay of everything."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from making import (
    FRESH,
    NOON,
    OWN_KINDS,
    TENANT,
    PlainJob,
    doubted,
    event,
    histories,
    is_the_replay,
    raw,
    raw_seed,
    replayed,
    seeds_of,
    shopper_of,
)

from recommndr import events
from recommndr.counting import Counting
from recommndr.dead_letter import DeadLetter
from recommndr.events import Event
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.seed import Seed
from recommndr.topics import (
    DEAD_LETTER,
    EVENTS,
    ITEM_FEATURES,
    PARTITIONS,
    PURCHASED_FEATURES,
    SEEDS,
    SEEN_FEATURES,
    SHOPPER_ROWS,
    USER_FEATURES,
)
from recommndr_flink_jobs import metrics
from recommndr_flink_jobs.route import Raw


def laid(history: list[Event]) -> list:
    """Events in Kafka: two partitions, by user."""
    return [raw(one, offset, 1 if one.user_id == "u2" else 0) for offset, one in enumerate(history)]


@given(histories(), st.data())
def test_order_and_packs_do_not_matter(history: list[Event], data: st.DataObject) -> None:
    records = data.draw(st.permutations(laid(history)))
    cut = data.draw(st.integers(0, len(records)))
    job = PlainJob()
    job.take(*records[:cut])
    job.take(*records[cut:])
    is_the_replay(job.states(), history)


@given(histories(), st.data())
def test_seeds_and_live_events_come_to_the_replay_in_any_order(history: list[Event], data: st.DataObject) -> None:
    records = laid(history)
    boundary = data.draw(st.integers(0, len(records)))
    offsets = (boundary,) * PARTITIONS
    on_time = [one for one in history if Action.from_event(one, OWN_KINDS) is not None]
    seeds = seeds_of([one for one in on_time if history.index(one) < boundary], 1, offsets)
    job = PlainJob(contained={TENANT: offsets})
    for one in data.draw(st.permutations(records + seeds)):
        job.take(one)
    is_the_replay(job.states(), history)


@given(histories(), st.data())
def test_first_seeds_of_a_running_job_replace_what_they_contain(history: list[Event], data: st.DataObject) -> None:
    """The job had no seeds: everything below the boundary was folded live, everything after it comes later."""
    records = laid(history)
    boundary = data.draw(st.integers(0, len(records)))
    offsets = (boundary,) * PARTITIONS
    seeds = seeds_of([one for one in history[:boundary] if Action.from_event(one, OWN_KINDS) is not None], 1, offsets)
    job = PlainJob()
    for one in (*records[:boundary], *seeds, *records[boundary:]):
        job.take(one)
    is_the_replay(job.states(), history)
    assert not job.counts.get(metrics.SEEDS_WAITING)


def test_what_a_robot_does_counts_for_itself_and_not_for_items() -> None:
    history = [event(1), doubted(event(2)), doubted(event(3, items=("i2",))), event(4, kind="purchase")]
    job = PlainJob()
    job.take(*laid(history))
    is_the_replay(job.states(), history)
    assert (ITEM_FEATURES.name, f"{TENANT}|i2") not in job.states()
    assert shopper_of(job.states(), "u1").user.n_events == 4
    assert job.counts[metrics.DOUBTED] == 2


def test_a_seed_merges_once() -> None:
    seeds = seeds_of([event(1)], 3, FRESH)
    job = PlainJob()
    job.take(*seeds)
    job.take(*seeds)
    is_the_replay(job.states(), [event(1)])
    assert job.counts[metrics.SEEDS_MERGED] == 3  # the shopper's counters, what was seen, the item
    assert job.counts[metrics.SEEDS_IGNORED] == 3


def test_an_older_generation_is_ignored() -> None:
    job = PlainJob()
    job.take(*seeds_of([event(1)], 3, FRESH))
    job.take(*seeds_of([event(1), event(2)], 2, FRESH))
    is_the_replay(job.states(), [event(1)])


@given(histories(), st.data())
def test_a_rebuild_beside_seeds_of_an_older_generation_comes_to_the_replay(history: list[Event], data: st.DataObject) -> None:
    """Older seeds that are not compacted yet are read too, at any position."""
    records = laid(history)
    newer = data.draw(st.integers(0, len(records)))
    older = data.draw(st.integers(0, newer))
    on_time = [one for one in history if Action.from_event(one, OWN_KINDS) is not None]

    def seeds(generation: int, boundary: int) -> list:
        return seeds_of([one for one in on_time if history.index(one) < boundary], generation, (boundary,) * PARTITIONS)

    job = PlainJob(contained={TENANT: (newer,) * PARTITIONS}, generations={TENANT: 2})
    for one in data.draw(st.permutations(records + seeds(1, older) + seeds(2, newer))):
        job.take(one)
    is_the_replay(job.states(), history)
    assert not job.counts.get(metrics.SEEDS_WAITING)


def test_a_newer_generation_takes_over_when_it_contains_all_that_was_folded() -> None:
    job = PlainJob()
    job.take(*seeds_of([event(1)], 1, FRESH))
    job.take(raw(event(2), offset=7))
    job.take(*seeds_of([event(1), event(2), event(3)], 2, (8,) * PARTITIONS))
    is_the_replay(job.states(), [event(1), event(2), event(3)])


def test_a_newer_generation_waits_when_live_events_lie_after_it() -> None:
    job = PlainJob()
    job.take(*seeds_of([event(1)], 1, FRESH))
    job.take(raw(event(2), offset=7), raw(event(3), offset=9))
    folded = job.take(*seeds_of([event(1), event(2)], 2, (8,) * PARTITIONS))
    is_the_replay(job.states(), [event(1), event(2), event(3)])
    assert job.counts[metrics.SEEDS_WAITING] == 2
    assert {waiting for one in folded for waiting in one.waiting} == {(TENANT, 2)}


def test_contained_events_are_dropped_unread() -> None:
    job = PlainJob(contained={TENANT: (5,) * PARTITIONS})
    job.take(raw(event(1), offset=4)._replace(value=b"garbage that a seed has digested"), raw(event(2), offset=5))
    is_the_replay(job.states(), [event(2)])
    assert job.counts[metrics.CONTAINED] == 1


def test_events_that_come_after_a_seed_which_contains_them_are_not_counted_twice() -> None:
    job = PlainJob()
    job.take(*seeds_of([event(1), event(2)], 1, (5,) * PARTITIONS))
    job.take(raw(event(2), offset=4), raw(event(3), offset=5))
    is_the_replay(job.states(), [event(1), event(2), event(3)])
    assert job.counts[metrics.CONTAINED] == 3


def test_each_touched_state_is_read_once_and_written_once_a_pack() -> None:
    job = PlainJob()
    job.take(*(raw(event(number, items=("i1", "i2")), number) for number in range(1, 30)))
    assert job.store.n_gets == job.store.n_puts == len(job.records) == 4


def buyer() -> list[Raw]:
    """A shopper with 200 purchased and 150 viewed items, and all the kinds of actions that shoppers do."""
    kinds = ("view", "click", "add_to_cart", "purchase", "favorite", "impression")
    history = [event(n, items=[f"{1_000_000 + n}"], kind=kinds[n % 6] if n < 60 else "purchase") for n in range(1, 211)]
    history += [event(n, items=[f"{1_000_000 + n}"], minutes_ago=4) for n in range(300, 450)]
    return [raw(one, offset) for offset, one in enumerate(history)]


def test_a_view_moves_less_than_one_and_a_half_kilobytes_and_touches_no_purchase() -> None:
    job = PlainJob()
    job.take(*buyer())
    stored, n_before = dict(job.store.states), len(job.records)
    job.take(raw(event(500, items=["1000449"], minutes_ago=1), 1_000))
    (of_shopper,) = [record for record in job.records[n_before:] if record.topic != ITEM_FEATURES.name]
    assert of_shopper.topic == USER_FEATURES.name
    assert len(of_shopper.value) < 1_500
    changed = {group for (group, key), value in job.store.states.items() if stored.get((group, key)) != value}
    assert changed == {"user", "item"}
    assert len(job.store.states["user", f"{TENANT}|u1"]) < len(of_shopper.value) + 30  # offsets of what it contains


def test_only_a_view_of_an_item_that_is_new_to_the_shopper_writes_what_was_seen() -> None:
    job = PlainJob()
    job.take(*buyer())
    n_before = len(job.to(SEEN_FEATURES.name))
    job.take(raw(event(500, items=["1000449"]), 1_000))
    assert len(job.to(SEEN_FEATURES.name)) == n_before
    job.take(raw(event(501, items=["new"]), 1_001))
    assert len(job.to(SEEN_FEATURES.name)) == n_before + 1
    assert len(job.to(PURCHASED_FEATURES.name)) == 1


def test_an_order_writes_purchases_and_counters_but_not_what_was_seen() -> None:
    job = PlainJob()
    job.take(raw(event(1, kind="purchase"), 0))
    assert [record.topic for record in job.records] == [USER_FEATURES.name, PURCHASED_FEATURES.name, ITEM_FEATURES.name]


@given(histories(), st.data())
def test_seeds_of_whole_shoppers_are_taken_apart(history: list[Event], data: st.DataObject) -> None:
    records = laid(history)
    boundary = data.draw(st.integers(0, len(records)))
    shoppers, items = replayed(history[:boundary])
    seeds = [raw_seed("user", user, Seed(1, (boundary,) * PARTITIONS, shopper.to_bytes(one))) for user, one in shoppers.items()]
    seeds += [
        raw_seed("item", item_id, Seed(1, (boundary,) * PARTITIONS, item.to_bytes(one))) for item_id, one in items.items()
    ]
    job = PlainJob(contained={TENANT: (boundary,) * PARTITIONS})
    for one in data.draw(st.permutations(records + seeds)):
        job.take(one)
    is_the_replay(job.states(), history)


def test_a_record_says_when_the_newest_event_in_it_was_received_and_a_seeds_says_nothing() -> None:
    job = PlainJob()
    earlier = event(2).model_copy(update={"received_at": NOON - timedelta(seconds=3)})
    job.take(raw(event(1), 0), raw(earlier, 1))
    assert {record.received_at_s for record in job.records} == {NOON.timestamp()}
    seeded = PlainJob()
    seeded.take(*seeds_of([event(1)], 1, FRESH))
    assert {record.received_at_s for record in seeded.records} == {0.0}


def test_late_events_are_not_folded() -> None:
    job = PlainJob()
    job.take(raw(event(1, minutes_ago=25 * 60), 0))
    assert job.records == []
    assert job.counts == {metrics.NOT_FOLDED: 1}


def test_the_tenants_half_life_is_used() -> None:
    job = PlainJob(counting={TENANT: Counting(86_400.0)})
    job.take(raw(event(1, kind="purchase", minutes_ago=24 * 60), 0), raw(event(2, kind="purchase", minutes_ago=0), 1))
    state = shopper_of(job.states(), "u1")
    assert state.purchased.items["i1"].decayed == 1.5


def letters(job: PlainJob) -> dict[bytes, DeadLetter]:
    return {record.key: DeadLetter.from_bytes(record.value) for record in job.to(DEAD_LETTER.name)}


def test_garbage_goes_to_the_dead_letters_and_the_rest_is_folded() -> None:
    good = raw(event(1), 0)
    job = PlainJob()
    job.take(
        good._replace(offset=1, value=b"\xff\x00 no event"),
        good._replace(offset=2, value=None),
        good._replace(offset=3, event_id=None),
        good._replace(offset=4, tenant="other"),
        good,
    )
    is_the_replay(job.states(), [event(1)])
    found = letters(job)
    assert set(found) == {f"{EVENTS.name}:0:{offset}".encode() for offset in (1, 2, 3, 4)}
    garbage = found[f"{EVENTS.name}:0:1".encode()]
    assert (garbage.value, garbage.key, garbage.at) == (b"\xff\x00 no event", good.key, NOON)
    assert "header tenant is 'other'" in found[f"{EVENTS.name}:0:4".encode()].reason


def test_an_event_of_a_kind_its_tenant_does_not_have_goes_to_the_dead_letters_with_the_reason() -> None:
    job = PlainJob()
    job.take(raw(event(1, kind="stare"), 0), raw(event(2, kind="apply"), 1))
    is_the_replay(job.states(), [event(2, kind="apply")])
    (letter,) = letters(job).values()
    assert letter.offset == 0
    assert "kind 'stare': expected one of" in letter.reason
    assert "'interest', 'apply'" in letter.reason


def test_a_dead_letter_fits_into_a_kafka_record() -> None:
    job = PlainJob()
    job.take(raw(event(1), 0)._replace(key=bytes(2_000_000), value=b"{" * 2_000_000))
    (record,) = job.records
    assert len(record.value) < 1_000_000
    assert "of 2000000 bytes" in DeadLetter.from_bytes(record.value).reason


def test_unreadable_seeds_go_to_the_dead_letters() -> None:
    good = seeds_of([event(1)], 1, FRESH)
    bad_state = raw_seed("user", "u9", Seed(1, FRESH, b"no state"), offset=11)
    job = PlainJob()
    job.take(
        bad_state,
        good[0]._replace(offset=12, value=b"short"),
        good[0]._replace(offset=13, key=b"no bar"),
        good[0]._replace(offset=14, key=None),
        *good,
    )
    is_the_replay(job.states(), [event(1)])
    assert set(letters(job)) == {f"{SEEDS.name}:0:{offset}".encode() for offset in (11, 12, 13, 14)}


def test_control_records_and_deleted_seeds_are_passed_over() -> None:
    job = PlainJob()
    job.take(raw_seed("control", "", Seed(1, FRESH, b"")), seeds_of([event(1)], 1, FRESH)[0]._replace(value=None))
    assert job.records == []
    assert job.counts == {metrics.SEEDS_NOT_OURS: 2}


def test_a_fold_that_raises_costs_its_event_only() -> None:
    """The seed has another half-life than the tenant has now, so the purchases cannot be merged; all other groups can."""
    job = PlainJob(counting={TENANT: Counting(1.0)})
    job.take(*seeds_of([event(1, kind="purchase")], 1, FRESH))
    job.take(raw(event(2, kind="purchase"), 3), raw(event(3), 4))
    (letter,) = letters(job).values()
    assert letter.offset == 3
    assert "half-lives" in letter.reason
    state = shopper_of(job.states(), "u1")
    assert state.user.n_events == 3
    assert state.purchased.items["i1"].n_orders == 1
    assert (ITEM_FEATURES.name, f"{TENANT}|i1") in job.states()


def test_a_stored_state_that_cannot_be_read_stops_nothing() -> None:
    job = PlainJob()
    job.store.put("user", f"{TENANT}|u1", b"rotten")
    job.store.put("item", f"{TENANT}|i1", bytes(300))
    job.take(raw(event(1, items=("i1", "i2")), 0), *seeds_of([event(2)], 1, FRESH))
    assert {record.key.decode() for record in job.to(ITEM_FEATURES.name)} == {f"{TENANT}|i2"}
    assert job.counts[metrics.DEAD_LETTERS] == 4


def erased(user: str) -> Event:
    return events.erasure(TENANT, user, UUID(int=900), NOON)


@given(histories(), st.integers(0, 20), st.data())
def test_of_an_erased_shopper_only_what_came_after_is_known(history: list[Event], at: int, data: st.DataObject) -> None:
    at = min(at, len(history))
    records = laid([*history[:at], erased("u1"), *history[at:]])
    cut = data.draw(st.integers(0, at + 1))
    job = PlainJob()
    job.take(*data.draw(st.permutations(records[:cut])))
    job.take(*data.draw(st.permutations(records[cut:])))
    again = [record for record in records[: at + 1] if record.key == b"grocer|u1"]
    job.take(*data.draw(st.permutations(again)))  # also what was erased comes again
    known = [one for place, one in enumerate(history) if one.user_id != "u1" or place >= at]
    expected, _ = replayed(known)
    for user in ("u1", "u2", "a|b"):
        found = shopper_of(job.states(), user)
        assert found.purchased.items.keys() == expected.get(user, shopper.EMPTY).purchased.items.keys()
        assert shopper.columns(found).keys() == shopper.columns(shopper.EMPTY).keys()
        assert found.seen == expected.get(user, shopper.EMPTY).seen
        assert found.user.n_events == expected.get(user, shopper.EMPTY).user.n_events
        assert {one.item_id for one in found.user.recent} == {
            one.item_id for one in expected.get(user, shopper.EMPTY).user.recent
        }


def test_an_erasure_writes_tombstones_of_all_groups_and_no_seed_from_before_it_is_taken_up() -> None:
    job, buyer = PlainJob(), event(1, kind="purchase")
    job.take(raw(buyer, 0), raw(event(2, items=("i9",)), 1))
    seeds = seeds_of([buyer], 1, (1,) * PARTITIONS)
    job.take(raw(erased("u1"), 2))
    of_shopper = SHOPPER_ROWS
    assert {record.topic for record in job.records if record.value is None} == {topic.name for topic in of_shopper}
    job.take(*seeds)
    assert not any(topic != ITEM_FEATURES.name for topic, _ in job.states())
    later = event(3)
    job.take(raw(later, 3))
    assert shopper_of(job.states(), "u1") == replayed([later])[0]["u1"]
    assert shopper_of(job.restarted().states(), "u1") == shopper_of(job.states(), "u1")
    newer = seeds_of([later], 2, (4,) * PARTITIONS)
    job.take(*newer)
    assert shopper_of(job.states(), "u1") == replayed([later])[0]["u1"]
