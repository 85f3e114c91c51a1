"""Decoded entities in the worker: bounded, and never another answer than Flink's states give."""

from hypothesis import given
from hypothesis import strategies as st
from making import TENANT, PlainJob, event, histories, is_the_replay, raw

from recommndr.events import Event
from recommndr_flink_jobs.entity import Entity
from recommndr_flink_jobs.groups import GROUPS
from recommndr_flink_jobs.recent_entities import RecentEntities


@given(histories(), st.integers(0, 6), st.data())
def test_a_worker_that_starts_again_and_one_that_remembers_agree(
    history: list[Event], n_recent: int, data: st.DataObject
) -> None:
    remembers, forgets = PlainJob(n_recent=100), PlainJob(n_recent=n_recent)
    for offset, one in enumerate(data.draw(st.permutations(history))):
        for job in (remembers, forgets):
            job.take(raw(one, offset))
        if data.draw(st.booleans()):
            forgets = forgets.restarted()
    assert remembers.store.states == forgets.store.states
    is_the_replay(remembers.states(), history)


def test_an_entity_that_was_folded_lately_is_not_read_again() -> None:
    job = PlainJob(n_recent=20)  # five entities, and what each of their buckets remembers
    job.take(raw(event(1), 0))
    n_gets = job.store.n_gets
    job.take(raw(event(7), 1))  # in the same place, with the same device
    assert job.store.n_gets == n_gets


def test_the_entities_asked_for_longest_ago_are_forgotten() -> None:
    group = GROUPS["item"][0]
    recent, loaded = RecentEntities(2), []

    def ask(entity: str) -> None:
        recent.get(("item", f"{TENANT}|{entity}"), lambda: loaded.append(entity) or Entity(group, group.empty))

    for entity in ("a", "b", "a", "c", "a", "b"):
        ask(entity)
    assert loaded == ["a", "b", "c", "b"]
    assert len(recent) == 2
