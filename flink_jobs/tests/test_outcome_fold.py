"""Outcomes without Flink: for any packs, repeats, kills and rebuilds, the topic's newest records sum to a plain computation."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from making import TENANT, PlainJob, anew, click, event, identify, is_the_replay, outcomes, raw, same_outcomes
from shop_days import BEGAN, ShopDays, delivered

from recommndr.dead_letter import DeadLetter
from recommndr.events import Event
from recommndr.outcomes.act import Act
from recommndr.outcomes.partial import Partial
from recommndr.outcomes.plain import plain_outcomes
from recommndr.outcomes.shopper import Change, ShopperOutcomes
from recommndr.outcomes.totals import Of
from recommndr.topics import DEAD_LETTER, NOTES, OUTCOMES, PARTITIONS
from recommndr_flink_jobs import metrics
from recommndr_flink_jobs.buckets import bucket_of
from recommndr_flink_jobs.route import Raw
from recommndr_flink_jobs.store import SHOPPERS

WINDOW_S = 86_400.0
PACK = 500
# The seeds contain every event, so that only outcomes are folded.
SEEDED = replace(anew([], 1, (10**6,) * PARTITIONS)[0], outcomes_generation=1)


def plain(history: Iterable[Event]) -> dict[Of, Partial]:
    return plain_outcomes(history, {TENANT: WINDOW_S})


def run(job: PlainJob, records: list[Raw], kills: random.Random | None = None) -> None:
    """Packs in order; a kill takes the states back to the last checkpoint, and the packs since then come again."""
    packs = [records[start : start + PACK] for start in range(0, len(records), PACK)]
    place, checkpoint = 0, (0, dict(job.store.states))
    while place < len(packs):
        job.take(*packs[place])
        place += 1
        if kills is not None and kills.random() < 0.3:
            checkpoint = (place, dict(job.store.states))
        elif kills is not None and kills.random() < 0.3:
            place, job.store.states, job.folder = checkpoint[0], dict(checkpoint[1]), job.new_worker()


def test_a_hundred_thousand_events_with_kills_come_to_the_plain_computation() -> None:
    history = ShopDays(seed=3, n_shoppers=4_000).history(100_000)
    job = PlainJob(SEEDED, n_recent=1_000)
    run(job, delivered(history), random.Random(5))
    wanted = plain(history)
    same_outcomes(outcomes(job.records), wanted)
    assert len(wanted) == 2 * 2 * 3  # releases, arms, lists
    assert sum(one.sums["purchases"].n for one in wanted.values()) > 3_000


def test_a_rebuild_counts_the_days_that_the_log_still_has_and_keeps_the_others() -> None:
    """The log has lost two days and a half; the rebuilt job counts from the third midnight on, with seeds at any offset."""
    history = ShopDays(seed=4, n_shoppers=300).history(6_000)
    records = delivered(history)
    lost_until_s, third_day_s = BEGAN.timestamp() + 2.5 * 86_400, int(BEGAN.timestamp()) + 3 * 86_400
    first = PlainJob()
    run(first, records)
    kept = delivered([event for event in history if event.received_at.timestamp() > lost_until_s])
    for n_read in (0, len(kept) // 2, len(kept)):
        rebuilt = PlainJob(replace(SEEDED, outcomes_generation=2, outcomes_since_s=third_day_s))
        run(rebuilt, kept[:n_read])
        found = outcomes([*first.records, *rebuilt.records])
        assert numbers(found) == numbers(plain(history))
    assert rebuilt.counts[metrics.ACTS_ON_OLD_LISTS] > 0
    assert metrics.FOLDED not in rebuilt.counts


def numbers(totals: dict[Of, Partial]) -> dict[Of, dict[str, int]]:
    return {of: {name: sums.n for name, sums in one.sums.items() if sums.n} for of, one in totals.items() if one.n_shoppers}


def test_a_state_that_cannot_be_read_costs_its_shopper_only() -> None:
    history = ShopDays(seed=5, n_shoppers=2).history(40)
    job = PlainJob()
    job.store.states[bucket_of("user", f"{TENANT}|u0"), SHOPPERS, f"{TENANT}|u0"] = b"rotten"
    job.take(*delivered(history))
    same_outcomes(outcomes(job.records), plain([one for one in history if one.user_id == "u1"]))
    letters = [DeadLetter.from_bytes(one.value) for one in job.to(DEAD_LETTER.name)]
    assert letters and all("shopper's outcomes" in letter.reason for letter in letters)


def test_a_worker_that_remembers_shoppers_and_one_that_does_not_keep_the_same_states() -> None:
    records = delivered(ShopDays(seed=7, n_shoppers=30).history(2_000))
    remembers, forgets = PlainJob(n_recent=1_000), PlainJob(n_recent=0)
    for start in range(0, len(records), 50):
        for job in (remembers, forgets):
            job.take(*records[start : start + 50])
    assert remembers.store.states == forgets.store.states
    assert remembers.records == forgets.records


def test_acts_that_fail_halfway_leave_nothing_in_the_workers_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    history = ShopDays(seed=8, n_shoppers=1).history(40)
    records = delivered(history)
    job = PlainJob(n_recent=10)
    taken = []

    def fails_at_the_third(state: ShopperOutcomes, act: Act, window_s: float) -> list[Change]:
        taken.append(act)
        if len(taken) == 3:
            raise RuntimeError("a fault")
        return take(state, act, window_s)

    take = ShopperOutcomes.take
    monkeypatch.setattr(ShopperOutcomes, "take", fails_at_the_third)
    job.take(*records)
    assert len(taken) == 3
    monkeypatch.setattr(ShopperOutcomes, "take", take)
    job.take(*records)
    same_outcomes(outcomes(job.records), plain(history))


def test_within_a_pack_each_state_and_each_key_is_written_once() -> None:
    history = [one for one in ShopDays(seed=6, n_shoppers=1).history(60) if one.event_at.date() == BEGAN.date()]
    job = PlainJob()
    job.take(*delivered(history))
    keys = [one.key for one in job.to(OUTCOMES.name)]
    assert len(keys) == len(set(keys)) > 0


@pytest.mark.parametrize("bought_first", [True, False])
def test_an_order_is_lent_to_the_guest_who_clicked(bought_first: bool) -> None:
    clicked, bought = click(1, "guest", ["i1"], 30), event(2, "anna", ["i1"], "purchase", 20)
    later = [bought, identify(3, "anna", "guest", 10)]
    history = [clicked, *(later if bought_first else later[::-1])]
    job = PlainJob(n_recent=0)
    for offset, one in enumerate(history):
        job.take(raw(one, offset))
    n_loans = job.take_loans()
    assert job.take_loans(since=0) == n_loans == 1  # and again, which changes nothing
    found = outcomes(job.records)
    same_outcomes(found, plain(history))
    assert [one.sums["purchases"].n for one in found.values()] == [1]


@pytest.mark.parametrize("value", [b"", b"\x92\x01\x90", b"\x92\x09\x90", None])
def test_a_loan_that_cannot_be_read_is_a_dead_letter(value: bytes | None) -> None:
    job = PlainJob()
    job.take(Raw(NOTES.name, 0, 0, f"{TENANT}|u1".encode(), value, None, None))
    assert len(job.to(DEAD_LETTER.name)) == 1


@pytest.mark.parametrize("token", ["nonsense", "W10.AA"])
def test_an_unreadable_token_loses_the_outcome_and_not_the_event(token: str) -> None:
    job = PlainJob()
    job.take(raw(event(1, kind="click").model_copy(update={"attribution": token}), 0))
    assert job.counts[metrics.ACTS_UNREADABLE] == 1
    is_the_replay(job.states(), [event(1, kind="click")])
    assert job.to(OUTCOMES.name) == []
