"""Rows that are older than the job's states: it writes tombstones of entities that it does not know, and of no other."""

from making import TENANT, PlainJob, anew, event, raw

from recommndr.seed import GROUP_SEEN, GROUP_USER
from recommndr.topics import NOTES, USER_FEATURES
from recommndr_flink_jobs import notes
from recommndr_flink_jobs.route import Raw


def called(user: str, group: str = GROUP_USER) -> Raw:
    return Raw(NOTES.name, 0, 0, f"{TENANT}|{user}".encode(), notes.of_call(group), None, None)


def tombstones(job: PlainJob) -> list[tuple[str, str]]:
    return [(record.topic, record.key.decode()) for record in job.records if record.value is None]


def test_an_entity_without_a_state_gets_a_tombstone_and_others_none() -> None:
    job = PlainJob()
    job.take(raw(event(1, "here", kind="purchase"), 0), called("here"), called("gone"))
    job.take(called("here"), called("gone"))
    assert tombstones(job) == [(USER_FEATURES.name, f"{TENANT}|gone")] * 2


def test_a_group_of_which_the_entity_has_no_state_gets_one() -> None:
    job = PlainJob()
    job.take(raw(event(1, "here", kind="purchase"), 0))
    job.take(called("here", GROUP_SEEN), called("here", GROUP_USER))
    assert [key for _, key in tombstones(job)] == [f"{TENANT}|here"]


def test_while_states_are_not_shown_nobody_gets_one() -> None:
    origin, seeds = anew([event(1, "here")], 1, (1,) * 8)
    job = PlainJob(origin)
    job.take(called("here"), called("gone"))
    assert tombstones(job) == []
    job.take(*seeds)
    job.take(called("here"), called("gone"))
    assert tombstones(job) == [(USER_FEATURES.name, f"{TENANT}|gone")]
