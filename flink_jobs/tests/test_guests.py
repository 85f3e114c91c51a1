"""Guests who log in: the job keeps whose guests they were."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from making import NOON, TENANT, TOPIC_ID, PlainJob, begun, complete, cut, event, identify, is_the_replay, raw, raw_seed

from recommndr.events import erasure
from recommndr.features import guests
from recommndr.features.action import Action
from recommndr.seed import GROUP_GUESTS, Seed
from recommndr.topics import GUESTS, PARTITIONS
from recommndr_flink_jobs.origin import Origin

LOGINS = [
    identify(1, "anna", "g1", 9),
    identify(2, "anna", "g2", 5),
    identify(3, "bert", "g1", 3),
    identify(4, "anna", "g1", 60 * 50),  # two days late: whose guest it was does not age
]
KNOWN = {f"{TENANT}|anna": ["g2", "g1"], f"{TENANT}|bert": ["g1"]}


def known(job: PlainJob) -> dict[str, list[str]]:
    newest = {record.key.decode(): record.value for record in job.to(GUESTS.name)}
    return {key: [guest.guest_id for guest in guests.from_bytes(value)] for key, value in newest.items()}


@given(st.permutations([*LOGINS, LOGINS[0]]))
def test_order_and_repeats_do_not_matter(delivered: list) -> None:
    job = PlainJob()
    for offset, one in enumerate(delivered):
        job.take(raw(one, offset))
    assert known(job) == KNOWN


def test_a_login_changes_no_other_state() -> None:
    job = PlainJob()
    job.take(raw(event(9, "anna"), 0), *(raw(one, offset) for offset, one in enumerate(LOGINS, 1)))
    is_the_replay(job.states(), [event(9, "anna")])


def test_an_erased_shopper_has_no_guests_any_more() -> None:
    job = PlainJob()
    job.take(*(raw(one, offset) for offset, one in enumerate(LOGINS)))
    job.take(raw(erasure(TENANT, "anna", UUID(int=99), NOON), 50))
    newest = {record.key.decode(): record.value for record in job.to(GUESTS.name)}
    assert newest[f"{TENANT}|anna"] is None
    assert newest[f"{TENANT}|bert"] is not None


def test_the_id_of_an_erased_guest_leaves_the_shoppers_that_it_became() -> None:
    job = PlainJob()
    job.take(*(raw(one, offset) for offset, one in enumerate(LOGINS)))
    job.take(raw(erasure(TENANT, "g1", UUID(int=99), NOON), 50))
    newest = {record.key.decode(): record.value for record in job.to(GUESTS.name)}
    assert [guest.guest_id for guest in guests.from_bytes(newest[f"{TENANT}|anna"])] == ["g2"]
    assert newest[f"{TENANT}|bert"] is None
    assert not any(b"g1" in value for (group, _), value in job.store.of_entities().items() if group == GROUP_GUESTS)


@given(st.permutations(LOGINS[:3]))
def test_the_guests_of_seeds_and_those_of_the_stream_are_one_set(live: list) -> None:
    of_lake = guests.fold(guests.EMPTY, [Action.from_event(LOGINS[1])])
    seed = raw_seed(GROUP_GUESTS, "anna", Seed(1, guests.to_bytes(of_lake)))
    generation = complete(cut(begun(1), (0,) * PARTITIONS), [seed])
    job = PlainJob(Origin.of({TENANT: [generation]}, TOPIC_ID).anew({TENANT: generation.n_seeds}, {}))
    job.take(seed)
    assert known(job) == {f"{TENANT}|anna": ["g2"]}
    job.take(*(raw(one, offset) for offset, one in enumerate(live)))
    assert known(job) == KNOWN
