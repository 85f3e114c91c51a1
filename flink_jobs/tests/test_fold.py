"""The job without Flink: for any order, packs and position of seeds, the states are those of a replay of everything."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from making import (
    FRESH,
    NOON,
    TENANT,
    PlainJob,
    anew,
    doubted,
    event,
    histories,
    is_the_replay,
    published,
    raw,
    replayed,
    shopper_of,
)

from recommndr import events
from recommndr.counting import Counting
from recommndr.dead_letter import DeadLetter
from recommndr.events import Event
from recommndr.features import shopper
from recommndr.topics import (
    DEAD_LETTER,
    EVENTS,
    ITEM_FEATURES,
    PARTITIONS,
    PURCHASED_FEATURES,
    SEEN_FEATURES,
    SEGMENT_FEATURES,
    SHOPPER_ROWS,
    USER_FEATURES,
)
from recommndr_flink_jobs import metrics
from recommndr_flink_jobs.buckets import bucket_of
from recommndr_flink_jobs.route import Raw

COUNTED = {ITEM_FEATURES.name, SEGMENT_FEATURES.name}


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


def test_what_a_robot_does_counts_for_itself_and_not_for_items() -> None:
    history = [event(1), doubted(event(2)), doubted(event(3, items=("i2",))), event(4, kind="purchase")]
    job = PlainJob()
    job.take(*laid(history))
    is_the_replay(job.states(), history)
    assert not any(key.endswith("i2") for _, key in job.states())
    assert shopper_of(job.states(), "u1").user.n_events == 4
    assert job.counts[metrics.DOUBTED] == 2


def test_each_touched_state_is_read_once_and_written_once_a_pack() -> None:
    job = PlainJob()
    job.take(*(raw(event(number, items=("i1", "i2")), number) for number in range(1, 30)))
    n_in_segments = 2 * (3 + 2)  # both items, with three devices and in two regions
    assert job.store.n_gets == job.store.n_puts == len(job.records) == 4 + n_in_segments


def buyer() -> list[Raw]:
    """A shopper with 200 purchased and 150 viewed items, and all the kinds of actions that shoppers do."""
    kinds = ("view", "click", "add_to_cart", "purchase", "favorite", "impression")
    history = [event(n, items=[f"{1_000_000 + n}"], kind=kinds[n % 6] if n < 60 else "purchase") for n in range(1, 211)]
    history += [event(n, items=[f"{1_000_000 + n}"], minutes_ago=4) for n in range(300, 450)]
    return [raw(one, offset) for offset, one in enumerate(history)]


def test_a_view_moves_less_than_one_and_a_half_kilobytes_and_touches_no_purchase() -> None:
    job = PlainJob()
    job.take(*buyer())
    stored, n_before = job.store.of_entities(), len(job.records)
    job.take(raw(event(500, items=["1000449"], minutes_ago=1), 1_000))
    (of_shopper,) = [record for record in job.records[n_before:] if record.topic not in COUNTED]
    assert of_shopper.topic == USER_FEATURES.name
    assert len(of_shopper.value) < 1_500
    changed = {group for (group, key), value in job.store.of_entities().items() if stored.get((group, key)) != value}
    assert changed == {"user", "item", "segment"}
    assert len(job.store.of_entities()["user", f"0|{TENANT}|u1"]) == len(of_shopper.value) + 2  # a header


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
    of_shopper = [record.topic for record in job.records if record.topic not in COUNTED]
    assert of_shopper == [USER_FEATURES.name, PURCHASED_FEATURES.name]


def test_a_record_says_when_the_newest_event_in_it_was_received_and_a_seeds_says_nothing() -> None:
    job = PlainJob()
    earlier = event(7).model_copy(update={"received_at": NOON - timedelta(seconds=3)})
    job.take(raw(event(1), 0), raw(earlier, 1))
    assert {record.received_at_s for record in job.records} == {NOON.timestamp()}
    seeded = PlainJob()
    seeded.take(*published([event(1)], 1, FRESH))
    assert seeded.records
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


def test_a_stored_state_that_cannot_be_read_stops_nothing() -> None:
    job = PlainJob()
    job.store.states[bucket_of("user", f"{TENANT}|u1"), "user", f"0|{TENANT}|u1"] = b"rotten"
    job.store.states[bucket_of("item", f"{TENANT}|i1"), "item", f"0|{TENANT}|i1"] = bytes(300)
    job.take(raw(event(1, items=("i1", "i2")), 0))
    assert {record.key.decode() for record in job.to(ITEM_FEATURES.name)} == {f"{TENANT}|i2"}
    assert job.counts[metrics.DEAD_LETTERS] == 2


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
    buyer = event(1, kind="purchase")
    origin, seeds = anew([buyer], 1, (1,) * PARTITIONS)
    job = PlainJob(origin)
    job.take(raw(buyer, 0), raw(event(2, items=("i9",)), 1), raw(erased("u1"), 2))
    job.take(*seeds)
    assert not any(topic not in COUNTED for topic, _ in job.states())
    later = event(3)
    job.take(raw(later, 3))
    assert shopper_of(job.states(), "u1") == replayed([later])[0]["u1"]
    assert shopper_of(job.restarted().states(), "u1") == shopper_of(job.states(), "u1")
    job.take(*published([later], 2, (4,) * PARTITIONS))
    assert shopper_of(job.states(), "u1") == replayed([later])[0]["u1"]


def test_an_erasure_writes_tombstones_of_all_groups() -> None:
    job = PlainJob()
    job.take(raw(event(1, kind="purchase"), 0), raw(event(2, items=("i9",)), 1), raw(erased("u1"), 2))
    assert {record.topic for record in job.records if record.value is None} == {topic.name for topic in SHOPPER_ROWS}
