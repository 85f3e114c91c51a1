"""Guests who log in: the job keeps whose guests they were."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from making import NOON, TENANT, PlainJob, event, identify, is_the_replay, raw, raw_seed

from recommndr.events import erasure
from recommndr.features import guests
from recommndr.features.action import Action
from recommndr.seed import GROUP_GUESTS, Seed
from recommndr.topics import GUESTS, PARTITIONS

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


@given(st.permutations(LOGINS[:3]))
def test_the_guests_of_a_seed_and_those_of_the_stream_are_one_set(live: list) -> None:
    state = guests.fold(guests.EMPTY, [Action.from_event(LOGINS[1])])
    seed = raw_seed(GROUP_GUESTS, "anna", Seed(1, (0,) * PARTITIONS, guests.to_bytes(state)))
    for packs in ([[seed], [raw(one, n) for n, one in enumerate(live)]], [[raw(one, n) for n, one in enumerate(live)], [seed]]):
        job = PlainJob()
        for pack in packs:
            job.take(*pack)
        assert known(job) == KNOWN
    job = PlainJob()
    job.take(seed)
    assert known(job) == {f"{TENANT}|anna": ["g2"]}
