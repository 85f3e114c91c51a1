"""The judge reads evidence, decides and saves; whatever dies or does not answer in between, the next tick goes on."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.identity import TenantId
from recommndr.release import Release, Slot, StaleRecord
from recommndr.release_policy import ReleasePolicy
from recommndr.tenancy import TenantPolicy
from recommndr_rollout import operator_moves
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.evidence_files import EvidenceFiles
from recommndr_rollout.judge import Judge
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.operator_moves import Asked
from recommndr_rollout.prometheus import NoAnswer
from recommndr_rollout.seen import Sample
from recommndr_rollout.slots import Held
from tests.rollout.records import record

AT = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = ReleasePolicy(min_step_s=60.0, patience_s=120.0, watch_s=60.0, settle_s=30.0, return_s=5.0)


@dataclass
class World:
    """Two slots and what monitoring says of them; time goes on by `pass_s`."""

    now: datetime = AT
    error_share: dict[Slot, float] = field(default_factory=dict)
    p95_s: dict[Slot, float] = field(default_factory=dict)
    answers: bool = True
    held: dict[Slot, Mapping[str, Held]] = field(
        default_factory=lambda: {"blue": {"grocer": Held("bundle-1")}, "green": {"grocer": Held("bundle-2")}}
    )

    def query(self, expression: str) -> Sequence[Sample]:
        """What Prometheus would say of a thousand requests to each slot."""
        if not self.answers:
            raise NoAnswer("Prometheus does not answer")
        found = []
        for slot in ("blue", "green"):
            here = {"slot": slot, "tenant": "grocer"}
            if "by (slot, tenant, status)" in expression:
                errors = 1_000.0 * self.error_share.get(slot, 0.0)
                found += [Sample("", here | {"status": "200"}, 1_000.0 - errors), Sample("", here | {"status": "500"}, errors)]
            elif "p95" in expression:
                found.append(Sample("", here, self.p95_s.get(slot, 0.02)))
            elif "(up{" in expression:
                found.append(Sample("", {"slot": slot}, 1.0))
        return found


class Crash(Exception):
    """The process dies."""


def judge(
    world: World, store: MemoryReleaseStore, moved: Callable[[Release], None] = lambda _: None, kept: Path | None = None
) -> Judge:
    policies = {TenantId("grocer"): TenantPolicy(release=POLICY)}

    @dataclass
    class SlotsOfWorld:
        def held(self) -> Mapping[Slot, Mapping[str, Held]]:
            return world.held

    return Judge(
        store,
        SlotsOfWorld(),
        world,
        lambda *_: {},
        lambda: policies,
        lambda: world.now,
        moved,
        EvidenceFiles(kept or Path(tempfile.mkdtemp())),
    )


def started(store: MemoryReleaseStore) -> Release:
    saved = store.save(record())
    return store.save(operator_moves.start(saved, "grocer", Candidate("bundle-2", 2), Asked("anna", "trial", AT)))


def now(store: MemoryReleaseStore) -> Release:
    release = store.load("grocer")
    assert release is not None
    return release


def test_a_release_goes_on_to_the_end_and_every_move_is_told() -> None:
    world, store, told = World(), MemoryReleaseStore(), []
    started(store)
    for _ in range(300):
        judge(world, store, lambda saved: told.append(saved.phase)).step()  # a new process each time
        world.now += timedelta(seconds=5)
    assert told == ["STEP_1", "STEP_10", "STEP_50", "PROMOTED", "STEADY"]
    assert (now(store).stable.model_version, now(store).phase) == (2, "STEADY")


def test_requests_that_fail_take_the_traffic_back_at_the_next_tick() -> None:
    world, store = World(), MemoryReleaseStore()
    started(store)
    judge(world, store).step()
    assert now(store).challenger_weight == 100
    world.error_share["green"] = 0.08
    world.now += timedelta(seconds=10)
    judge(world, store).step()
    assert (now(store).phase, now(store).challenger) == ("ROLLED_BACK", None)
    assert "8.0% of 1000 requests failed in 30 s, limit 5.0%" in now(store).steps[-1].reason


def test_requests_that_its_slot_failed_before_are_not_the_challengers() -> None:
    world, store = World(error_share={"green": 0.5}, p95_s={"green": 3.0}), MemoryReleaseStore()
    started(store)
    for _ in range(2):  # the first gives it traffic
        judge(world, store).step()
        assert now(store).phase == "STEP_1"


def test_a_fault_of_the_stable_slot_is_not_the_challengers() -> None:
    world, store = World(), MemoryReleaseStore()
    started(store)
    world.error_share["blue"] = 0.5
    judge(world, store).step()
    assert now(store).phase == "STEP_1"


def test_while_monitoring_is_away_nothing_moves() -> None:
    world, store = World(), MemoryReleaseStore()
    started(store)
    judge(world, store).step()
    world.answers, world.error_share["green"] = False, 1.0
    world.now += timedelta(days=9)
    one = judge(world, store)
    one.step()
    assert now(store).phase == "STEP_1"
    assert {verdict.health for verdict in one.latest["grocer"].verdicts} - {"healthy"} == {"unknown"}


def test_a_version_that_the_slot_refuses_never_gets_traffic() -> None:
    world, store = World(), MemoryReleaseStore()
    started(store)
    world.held["green"] = {"grocer": Held("bundle-0", {"bundle-2": "golden.json: request 3 gets other items"})}
    judge(world, store).step()
    assert now(store).phase == "ROLLED_BACK"
    assert "slot green refuses the version: golden.json: request 3" in now(store).steps[-1].reason


def test_a_record_that_somebody_moves_meanwhile_is_judged_at_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    world, store = World(), MemoryReleaseStore()
    started(store)
    save = store.save

    def first_by_hand(release: Release) -> Release:
        monkeypatch.setattr(store, "save", save)
        save(operator_moves.roll_back(now(store), Asked("anna", "no", AT)))
        return save(release)

    monkeypatch.setattr(store, "save", first_by_hand)
    judge(world, store).step()
    assert now(store).phase == "ROLLED_BACK"


def test_a_steady_shop_costs_no_query() -> None:
    world, store = World(), MemoryReleaseStore()
    store.save(record())
    one = judge(world, store)
    one.monitoring = None  # type: ignore[assignment]
    one.step()
    assert one.latest == {}


faults = st.sampled_from(["none", "before the save", "after the save"])


@settings(max_examples=50)
@given(st.lists(st.tuples(faults, st.sampled_from([0.0, 0.0, 0.0, 0.2]), st.booleans()), max_size=60))
def test_a_death_between_any_two_effects_changes_only_when_not_what_is_decided(told: list[tuple[str, float, bool]]) -> None:
    world, store = World(), MemoryReleaseStore()
    started(store)
    for fault, error_share, answers in told:
        world.error_share["green"], world.answers = error_share, answers
        before = now(store)

        def die(_: Release) -> None:
            raise Crash

        one = judge(world, store, die if fault == "after the save" else lambda _: None)
        if fault == "before the save":
            one.store = _Dying(store)
        try:
            one.step()
        except Crash:
            assert (now(store) == before) == (fault == "before the save")
            judge(world, store).step()  # what is left to do is done by the next process
        after = now(store)
        assert after.record_version - before.record_version <= 2
        if error_share and answers and before.challenger_weight:
            assert after.challenger is None
        world.now += timedelta(seconds=61)


class _Dying:
    """A store whose process dies before it saves."""

    def __init__(self, store: MemoryReleaseStore) -> None:
        self.load, self.load_all, self.tenants = store.load, store.load_all, store.tenants

    def save(self, release: Release) -> Release:
        raise Crash


def test_a_stale_record_cannot_be_saved() -> None:
    store = MemoryReleaseStore()
    first = store.save(record())
    store.save(first)
    with pytest.raises(StaleRecord):
        store.save(first)
