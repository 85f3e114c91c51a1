"""The code release on stored records: whatever dies between two effects, the next tick ends at the same place."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from typer.testing import CliRunner

from recommndr.audit_log import AuditLog
from recommndr.identity import TenantId
from recommndr.release import SLOTS, Release, Slot, StaleRecord
from recommndr.release_policy import ReleasePolicy
from recommndr.tenancy import TenantPolicy
from recommndr_http import refusals
from recommndr_http.operators import Operators
from recommndr_rollout.code import api, moves
from recommndr_rollout.code.made_moves import CODE_MOVES, CodeMoves
from recommndr_rollout.code.record import Code, CodeRelease
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.code.tick import CodeReleases
from recommndr_rollout.evidence_files import EvidenceFiles
from recommndr_rollout.judge import Judged
from recommndr_rollout.main import app
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.moves import MOVES, Moves, refused_moves
from recommndr_rollout.operator_moves import Asked, MoveRefused
from recommndr_rollout.promote import Promotion, PromotionRefused, promote
from recommndr_rollout.rules import RULES
from recommndr_rollout.verdict import Verdict
from recommndr_rollout.weights import Weights, weights_to_apply
from tests.rollout.records import record

AT = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = ReleasePolicy(min_step_s=10.0, patience_s=100.0, watch_s=10.0, return_s=1.0, settle_s=5.0)
NEW = Code(revision="new", checkout="/srv/new")
WELL = [Verdict(rule, "healthy", rule) for rule in RULES]


class Crash(Exception):
    """The process dies."""


@dataclass
class World:
    """Two slots, an edge and a clock. An effect may be the last of its process."""

    folder: Path
    now: datetime = AT
    runs: dict[Slot, str] = field(default_factory=lambda: dict.fromkeys(SLOTS, "old"))
    routes: dict[str, Weights] = field(default_factory=dict)
    effects_left: int | None = None
    replaced: list[tuple[Slot, str]] = field(default_factory=list)
    releases: MemoryReleaseStore = field(default_factory=MemoryReleaseStore)

    def __post_init__(self) -> None:
        self.releases.save(record("grocer"))
        self.releases.save(record("toys").model_copy(update={"stable": record().stable.model_copy(update={"slot": "green"})}))
        self.apply()

    @property
    def store(self) -> CodeStore:
        return CodeStore(self.folder / "release.json")

    def code(self) -> CodeRelease:
        code = self.store.load()
        assert code is not None
        return code

    def effect(self) -> None:
        if self.effects_left is not None:
            self.effects_left -= 1
            if self.effects_left < 0:
                raise Crash

    def running(self) -> Mapping[Slot, str]:
        return self.runs

    def keep(self, slot: Slot, revision: str) -> None:
        if self.runs[slot] != revision:
            self.effect()
            assert not any(weights.get(slot) for weights in self.routes.values()), "a slot with traffic was replaced"
            self.replaced.append((slot, revision))
            self.runs[slot] = revision

    def apply(self) -> None:
        """The edge follows the records, as the routes' loop does."""
        loaded = {slot: {str(one.tenant): one.placement(slot).version for one in self.releases.load_all()} for slot in SLOTS}
        for one in self.releases.load_all():
            self.routes[one.tenant] = weights_to_apply(one, loaded, self.routes.get(one.tenant))

    def tick(self, verdicts: Mapping[str, list[Verdict]] | None = None) -> None:
        """One tick of a new process, which knows nothing but what was stored."""
        world = self

        class Records(MemoryReleaseStore):
            def save(self, release: Release) -> Release:
                world.effect()
                return world.releases.save(release)

        class Store(CodeStore):
            def save(self, code: CodeRelease) -> CodeRelease:
                world.effect()
                return super().save(code)

        records = Records()
        records._records = self.releases._records
        code = CodeReleases(
            Store(self.folder / "release.json"), records, self, self, lambda: self.routes,
            lambda: {TenantId("grocer"): TenantPolicy(release=POLICY), TenantId("toys"): TenantPolicy(release=POLICY)},
            lambda: self.now, lambda _: None, EvidenceFiles(self.folder / "evidence"),
        )  # fmt: skip
        code.prepare()
        judged = {
            str(one.tenant): Judged(self.now, one.release_id, (verdicts or {}).get(one.tenant, WELL))
            for one in self.releases.load_all()
        }
        code.step(judged)


def started(folder: Path) -> World:
    world = World(folder)
    world.store.save(moves.start(None, list(world.releases.load_all()), world.runs, NEW, Asked("anna", "trial", AT)))
    return world


def until_over(world: World, verdicts: Mapping[str, list[Verdict]] | None = None) -> list[str]:
    phases: list[str] = []
    for _ in range(200):
        try:
            world.tick(verdicts if world.code().phase == "STEP_10" else None)
        except Crash:
            world.effects_left = None
        world.apply()
        if not phases or phases[-1] != world.code().phase:
            phases.append(world.code().phase)
        if world.code().phase == "STEADY" and all(one.code is None for one in world.releases.load_all()):
            return phases
        world.now += timedelta(seconds=2)
    raise AssertionError(f"not over: {world.code().phase}")


def test_code_is_gathered_replaced_tried_and_then_runs_in_both_slots(tmp_path: Path) -> None:
    world = started(tmp_path)
    assert until_over(world)[-4:] == ["STEP_50", "PROMOTED", "RENEWING", "STEADY"]
    assert world.runs == {"blue": "new", "green": "new"}
    assert world.replaced == [("green", "new"), ("blue", "new")]
    assert {one.stable.slot for one in world.releases.load_all()} == {"green"}
    assert {one.stable.version for one in world.releases.load_all()} == {"bundle-1"}


def test_code_that_fails_one_shop_is_taken_from_all_and_its_slot_gets_the_old_code_back(tmp_path: Path) -> None:
    world = started(tmp_path)
    failing = [Verdict("errors", "failing", "errors: 8 %", at_once=True)]
    phases = until_over(world, {"toys": failing})
    assert phases[-3:] == ["ROLLED_BACK", "RENEWING", "STEADY"]
    assert (world.runs, world.replaced) == ({"blue": "old", "green": "old"}, [("green", "new"), ("green", "old")])
    assert world.code().barred[-1].reason == "toys: errors: 8 %"
    assert all(not one.barred for one in world.releases.load_all())  # the models are not at fault


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.booleans())
def test_a_process_that_dies_before_any_effect_changes_nothing_but_the_time(n_effects: int, fails: bool) -> None:
    failing = {"toys": [Verdict("errors", "failing", "errors: 8 %", at_once=True)]} if fails else None
    ends = []
    for crash in (None, n_effects):
        with tempfile.TemporaryDirectory() as folder:
            world = started(Path(folder))
            world.effects_left = crash
            until_over(world, failing)
            records = [(one.stable, one.challenger, one.phase, one.code) for one in world.releases.load_all()]
            ends.append((world.runs, world.replaced, records, world.code().live, [bar.revision for bar in world.code().barred]))
    assert ends[0] == ends[1]


def test_no_model_is_moved_while_code_is_released_and_the_refusal_says_what_to_do(tmp_path: Path) -> None:
    world = started(tmp_path)
    world.tick()
    release = next(world.releases.load_all())
    assert set(refused_moves(release, AT)) == set(MOVES)
    made = Moves(world.releases, AuditLog(tmp_path / "audit"), lambda: AT)
    with pytest.raises(MoveRefused, match=r"code-new-r1 is under way for all shops.*code rollback"):
        made.make("grocer", "rollback", "anna", "x")
    with pytest.raises(PromotionRefused, match="code-new-r1 is under way"):
        promote(release, Promotion("grocer", "b9", 9, "anna", AT))


def test_two_processes_do_not_overwrite_each_other(tmp_path: Path) -> None:
    world = started(tmp_path)
    code = world.code()
    world.store.save(moves.pause(code, Asked("anna", "x", AT)))
    with pytest.raises(StaleRecord, match="record version 1 cannot replace 2"):
        world.store.save(code)


PASSWORD = "a long password"


def client(world: World, audit: Path) -> httpx.AsyncClient:
    made = CodeMoves(world.store, world.releases, AuditLog(audit), lambda: AT, world.running)
    application = FastAPI()
    application.include_router(api.router(made, Operators(SecretStr(PASSWORD)), lambda: ["one thing"]))
    refusals.install(application)
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://rollout")


async def test_operators_release_code_by_the_api_and_the_audit_log_says_who(tmp_path: Path) -> None:
    world = World(tmp_path)
    async with client(world, tmp_path / "audit") as asked:
        assert (await asked.get("/code")).json() == {"code": None, "waits": ["one thing"]}
        body = {"reason": "weekly", "by": "anna", "revision": "new"}
        for move in CODE_MOVES:
            assert (await asked.post(f"/code/{move}", json=body)).status_code == 401
        login = httpx.BasicAuth("operator", PASSWORD)
        answer = await asked.post("/code/start", json=body, auth=login)
        assert (answer.status_code, answer.json()["phase"]) == (200, "GATHERING")
        refused = await asked.post("/code/start", json=body, auth=login)
        assert (refused.status_code, "is under way" in refused.json()["detail"]) == (409, True)
        assert (await asked.post("/code/rollback", json=body, auth=login)).json()["phase"] == "ROLLED_BACK"
        assert (await asked.post("/code/start", json=body | {"revision": "a b"}, auth=login)).status_code == 400
    lines = (tmp_path / "audit").read_text().splitlines()
    assert [('"act": "code.start"' in line, '"by": "anna"' in line) for line in lines] == [(True, True), (False, True)]


def test_the_command_says_why_a_checkout_cannot_be_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMNDR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("RECOMMNDR_AUDIT_FILE", str(tmp_path / "audit"))
    run = CliRunner().invoke
    assert "run `make setup` in" in " ".join(run(app, ["code", "start", "v2", "--checkout", str(tmp_path)]).output.split())
    assert run(app, ["code", "status"]).output == "no code release yet\n"
    assert "no shop has a release" in run(app, ["code", "start", "v2"]).output
