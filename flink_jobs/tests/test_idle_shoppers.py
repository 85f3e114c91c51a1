"""Shoppers who have not come for a long time are forgotten with tombstones; nobody else is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from making import NOON, PlainJob, event, identify, is_the_replay, published, raw, shopper_of

from recommndr.events import Event
from recommndr.topics import GUESTS, PARTITIONS, SHOPPER_ROWS

KEPT_DAYS = 30


def after(days: float, one: Event) -> Event:
    """The event so many days later."""
    later = timedelta(days=days)
    return one.model_copy(update={name: getattr(one, name) + later for name in ("occurred_at", "received_at", "event_at")})


def run(job: PlainJob, days: float, *events: Event, offset: int) -> None:
    job.clock = NOON + timedelta(days=days)
    job.take(*(raw(after(days, one), offset + number) for number, one in enumerate(events)))


def some_of_every_bucket(start: int) -> list[Event]:
    """So many shoppers that each bucket hears of the time."""
    return [event(start + number, f"s{number}", ("i1",)) for number in range(100)]


@given(st.dictionaries(st.sampled_from(["u1", "u2", "u3", "a|b"]), st.integers(0, 58), min_size=1), st.booleans())
def test_exactly_those_are_forgotten_who_did_nothing_for_as_long(last_days: dict[str, int], restarts: bool) -> None:
    job = PlainJob(n_recent=1_000)
    run(job, -1, *some_of_every_bucket(1_000), offset=0)
    histories = {user: event(number, user, ("i9",), "purchase") for number, user in enumerate(last_days, 1)}
    for number, user in enumerate(sorted(last_days, key=last_days.__getitem__)):
        run(job, last_days[user], histories[user], offset=1_000 + number)
    if restarts:
        clock, job = job.clock, job.restarted()
        job.clock = clock
    run(job, 60, *some_of_every_bucket(2_000), offset=2_000)
    known = {user for user in last_days if any(key == f"grocer|{user}" for _, key in job.states())}
    assert known == {
        user for user, day in last_days.items() if 60 - day < KEPT_DAYS
    }  # events happen some minutes before they are received
    for user in known:
        assert shopper_of(job.states(), user).purchased.items.keys() == {"i9"}


def test_tombstones_go_to_all_topics_of_the_shopper_and_a_returning_one_starts_anew() -> None:
    job = PlainJob(n_recent=1_000)
    run(job, -1, *some_of_every_bucket(1_000), offset=0)
    run(job, 0, event(1, "u1", kind="purchase"), event(2, "u1", ("i5",)), identify(3, "u1", "g1"), offset=1_000)
    run(job, 40, *some_of_every_bucket(2_000), offset=2_000)
    deleted = {record.topic for record in job.records if record.value is None and record.key == b"grocer|u1"}
    assert deleted == {topic.name for topic in SHOPPER_ROWS}
    assert GUESTS.name in deleted
    assert not any(key.endswith("|u1") for _, key in job.store.of_entities())
    run(job, 41, event(4, "u1", ("i7",)), offset=3_000)
    assert shopper_of(job.states(), "u1").user.n_events == 1


def test_one_wrong_clock_makes_nobody_forgotten() -> None:
    job = PlainJob()
    run(job, -1, *some_of_every_bucket(1_000), offset=0)
    job.clock = NOON
    job.take(*(raw(after(900, one), 500 + number) for number, one in enumerate(some_of_every_bucket(2_000))))
    assert not any(record.value is None for record in job.records)


def test_items_stay() -> None:
    job = PlainJob()
    run(job, -1, *some_of_every_bucket(1_000), offset=0)
    run(job, 0, event(1, "u1", ("i5",)), offset=1_000)
    run(job, 60, *some_of_every_bucket(2_000), offset=2_000)
    assert ("recommndr.features.item.v1", "grocer|i5") in job.states()


def test_seeds_bring_back_who_has_returned() -> None:
    job = PlainJob()
    first, again = event(1, "u1", kind="purchase"), after(41, event(2, "u1", ("i7",)))
    run(job, -1, *some_of_every_bucket(1_000), offset=0)
    run(job, 0, first, offset=1_000)
    run(job, 40, *some_of_every_bucket(2_000), offset=2_000)
    job.take(raw(again, 3_000))
    job.take(*published([first, again], 1, (3_001,) * PARTITIONS))
    is_the_replay(job.states(), [first, again])
