"""Code is released to all shops at once: gathered, replaced, tried by steps, and taken back for all when it fails for one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.release import SLOTS, WEIGHT_TOTAL, Release
from recommndr.release_policy import ReleasePolicy, RuleName
from recommndr_rollout.code import moves
from recommndr_rollout.code.advance import Look, advance, waits
from recommndr_rollout.code.follow import follow
from recommndr_rollout.code.hearing import heard, strictest
from recommndr_rollout.code.record import Code, CodePhase, CodeRelease
from recommndr_rollout.operator_moves import Asked, MoveRefused
from recommndr_rollout.rules import RULES
from recommndr_rollout.stages import STAGES
from recommndr_rollout.verdict import Health, Verdict
from tests.rollout.records import record

AT = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = ReleasePolicy(min_step_s=60.0, patience_s=600.0, watch_s=120.0, return_s=5.0, settle_s=30.0)
ASKED = Asked("anna", "it is Monday", AT)
OLD, NEW = Code(revision="old"), Code(revision="new", checkout="/srv/new")
SHOPS = [
    record("grocer"),
    record("toys"),
    record("books").model_copy(update={"stable": record().stable.model_copy(update={"slot": "green"})}),
]


def verdict(rule: RuleName = "errors", health: Health = "healthy", **others: object) -> Verdict:
    return Verdict(rule, health, f"{rule}: {health}", **others)  # type: ignore[arg-type]


WELL = [verdict(rule) for rule in RULES]


def but(rule: RuleName, health: Health, **others: object) -> list[Verdict]:
    return [one for one in WELL if one.rule != rule] + [verdict(rule, health, **others)]


def look(code: CodeRelease, verdicts: list[Verdict] = WELL, **others: object) -> Look:
    """Everything is as the record has it."""
    seen = Look((), {slot: code.code_in(slot).revision for slot in SLOTS}, verdicts)
    return replace(seen, **others)  # type: ignore[arg-type]


def started() -> CodeRelease:
    return moves.start(None, SHOPS, {"blue": "old", "green": "old"}, NEW, ASKED)


def in_phase(phase: CodePhase) -> CodeRelease:
    """A code release that came to this phase on its own."""
    code, now = started(), AT
    for _ in range(12):
        if code.phase == phase:
            return code
        now += timedelta(seconds=121)
        code = advance(code, look(code), POLICY, now)
    raise AssertionError(f"never in {phase}")


def later(code: CodeRelease, seconds: float) -> datetime:
    assert code.since is not None
    return code.since + timedelta(seconds=seconds)


def test_good_code_takes_every_step_and_then_runs_in_both_slots() -> None:
    code, now, seen = started(), AT, [("GATHERING", 0)]
    while code.phase != "STEADY":
        now += timedelta(seconds=5)
        code = advance(code, look(code), POLICY, now)
        if (code.phase, code.weight) != seen[-1]:
            seen.append((code.phase, code.weight))
    assert seen == [
        ("GATHERING", 0), ("WARMING", 0), ("STEP_1", 100), ("STEP_10", 1_000), ("STEP_50", 5_000), ("PROMOTED", 0),
        ("RENEWING", 0), ("STEADY", 0),
    ]  # fmt: skip
    assert (code.serving, code.live) == ("green", NEW)
    assert {code.code_in(slot) for slot in SLOTS} == {NEW}


def test_the_shops_are_gathered_where_most_of_them_are() -> None:
    assert started().serving == "blue"
    away = [one.model_copy(update={"stable": one.stable.model_copy(update={"slot": "green"})}) for one in SHOPS[:2]]
    assert moves.start(None, away, {"green": "old"}, NEW, ASKED).serving == "green"


def test_no_process_is_replaced_before_every_shop_has_left_its_slot() -> None:
    code = started()
    assert advance(code, look(code, scattered=["tenant toys: its traffic goes to slot blue"]), POLICY, later(code, 1e6)) is code
    assert code.code_in(code.other) == OLD


def test_a_slot_that_runs_other_code_gets_no_traffic() -> None:
    code = in_phase("WARMING")
    for running in ({"blue": "old", "green": "old"}, {"blue": "old"}):
        assert advance(code, look(code, running=running), POLICY, later(code, 1e6)) is code
    told = waits(code, look(code, running={"green": "old"}), POLICY, later(code, 1))[0].told
    assert told == "slot green runs code 'new'; it runs 'old'"


def test_while_the_process_is_replaced_only_its_loading_is_judged() -> None:
    code = in_phase("WARMING")
    assert advance(code, look(code, but("slot", "failing", at_once=True), running={}), POLICY, later(code, 30)) is code
    back = advance(code, look(code, but("load", "failing", at_once=True)), POLICY, later(code, 601))
    assert (back.phase, back.candidate, [bar.revision for bar in back.barred]) == ("ROLLED_BACK", None, ["new"])
    assert back.code_in("green") == OLD  # the slot gets the old code back


@pytest.mark.parametrize("phase", ["STEP_1", "STEP_10", "STEP_50"])
def test_a_fault_at_one_shop_takes_the_traffic_of_all_back_at_once(phase: CodePhase) -> None:
    code = in_phase(phase)
    verdicts = heard({"grocer": WELL, "toys": but("errors", "failing", at_once=True)})
    back = advance(code, look(code, verdicts), POLICY, later(code, 1))
    assert (back.phase, back.weight, back.serving, back.live) == ("ROLLED_BACK", 0, "blue", OLD)
    assert back.barred[-1].reason == "toys: errors: failing"


def test_a_soft_fault_takes_traffic_back_by_halves() -> None:
    code = in_phase("STEP_50")
    code = advance(code, look(code, but("latency", "failing")), POLICY, later(code, 1))
    weights, now = [code.weight], later(code, 0)
    while code.phase == "ROLLING_BACK":
        now += timedelta(seconds=5)
        code = advance(code, look(code), POLICY, now)
        weights.append(code.weight)
    assert weights == [2_500, 1_250, 625, 312, 156, 0]


def test_promoted_code_that_fails_in_its_watch_gives_way_to_the_old_code_that_still_runs() -> None:
    code = in_phase("PROMOTED")
    assert code.code_in("blue") == OLD
    back = advance(code, look(code, but("errors", "failing", at_once=True)), POLICY, later(code, 119))
    assert (back.phase, back.serving, back.live, back.code_in("green")) == ("ROLLED_BACK", "blue", OLD, OLD)
    assert [bar.revision for bar in back.barred] == ["new"]


def test_models_may_be_released_again_only_when_both_slots_run_the_same_code() -> None:
    for code in (
        in_phase("RENEWING"),
        advance(in_phase("PROMOTED"), look(started()), POLICY, later(in_phase("PROMOTED"), 121)),
    ):
        assert advance(code, look(code, running={"green": "new", "blue": "old"}), POLICY, later(code, 1e6)) is code
        assert advance(code, look(code), POLICY, later(code, 1)).phase == "STEADY"


def test_a_small_shop_does_not_hold_the_others_but_its_process_is_judged_at_every_shop() -> None:
    quiet = [verdict(rule, "unknown") for rule in RULES]
    verdicts = {one.rule: one.health for one in heard({"grocer": WELL, "toys": quiet})}
    assert (verdicts["errors"], verdicts["ctr"], verdicts["slot"], verdicts["load"]) == (
        "healthy",
        "healthy",
        "unknown",
        "unknown",
    )
    assert heard({"grocer": WELL, "toys": ()})[0].health == "unknown"  # a shop that nobody has judged yet


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(list(RULES)), st.sampled_from(["healthy", "failing", "unknown"])), max_size=8),
        max_size=4,
    )
)
def test_what_one_shop_fails_all_fail_and_nothing_else(told: list[list[tuple[RuleName, Health]]]) -> None:
    by_tenant = {f"shop-{n}": [verdict(*one) for one in dict(verdicts).items()] for n, verdicts in enumerate(told)}
    failing = {one.rule for verdicts in by_tenant.values() for one in verdicts if one.health == "failing"}
    assert {one.rule for one in heard(by_tenant) if one.health == "failing"} == failing


def test_times_are_long_enough_for_every_shop() -> None:
    one, other = ReleasePolicy(min_step_s=10, watch_s=900), ReleasePolicy(min_step_s=60, watch_s=100)
    both = strictest([one, other])
    assert (both.min_step_s, both.watch_s) == (60, 900)
    assert strictest([]) == ReleasePolicy()


def test_a_person_pauses_promotes_or_rolls_back_with_a_name_and_a_reason() -> None:
    code = in_phase("STEP_10")
    paused = moves.pause(code, ASKED)
    assert advance(paused, look(paused), POLICY, later(code, 1e6)) is paused
    assert advance(paused, look(paused, but("errors", "failing")), POLICY, later(code, 1)).phase == "ROLLING_BACK"
    resumed = moves.resume(paused, ASKED)
    assert advance(resumed, look(resumed), POLICY, later(code, 1e6)).phase == "STEP_50"
    up, back = moves.promote_now(code, ASKED), moves.roll_back(code, ASKED)
    assert (up.phase, up.live, up.steps[-1].by) == ("PROMOTED", NEW, "anna")
    assert (back.phase, back.weight, back.steps[-1].reason) == ("ROLLED_BACK", 0, "rolled back by hand: it is Monday")
    assert moves.roll_back(up, ASKED).live == OLD


def test_moves_that_the_record_does_not_allow_are_refused() -> None:
    running, steady = in_phase("STEP_1"), in_phase("STEADY")
    both = {"blue": "new", "green": "new"}
    model_release = record(challenger_weight=100).model_copy(update={"phase": "STEP_1", "since": AT})
    barred = moves.roll_back(running, ASKED).model_copy(update={"phase": "STEADY"})
    for refused, why in (
        (lambda: moves.start(running, SHOPS, {}, NEW, ASKED), "is under way .STEP_1."),
        (lambda: moves.start(steady, [], {}, NEW, ASKED), "no shop has a release"),
        (lambda: moves.start(None, [model_release], {}, NEW, ASKED), "models of grocer are being released"),
        (lambda: moves.start(steady, SHOPS, both, NEW, ASKED), "runs code new already"),  # type: ignore[arg-type]
        (lambda: moves.start(steady, SHOPS, {}, Code(), ASKED), "needs the revision"),
        (lambda: moves.start(barred, SHOPS, {}, NEW, ASKED), r"code new is barred since 2026-03-01.*lift the bar"),
        (lambda: moves.pause(steady, ASKED), "no code release is under way"),
        (lambda: moves.resume(running, ASKED), "is not paused"),
        (lambda: moves.promote_now(started(), ASKED), "does not run code-new-r1 yet"),
        (lambda: moves.roll_back(steady, ASKED), "no code release is under way; to go back"),
        (lambda: moves.lift(steady, "new", ASKED), "is not barred; barred are: none"),
    ):
        with pytest.raises(MoveRefused, match=why):
            refused()
    assert moves.start(moves.lift(barred, "new", ASKED), SHOPS, {"blue": "old"}, NEW, ASKED).phase == "GATHERING"


looks = st.lists(
    st.tuples(
        st.floats(0.0, 700.0),
        st.booleans(),
        st.booleans(),
        st.lists(
            st.builds(
                Verdict,
                st.sampled_from(list(RULES)),
                st.sampled_from(["healthy", "failing", "unknown"]),
                st.just("said"),
                st.sampled_from(["act", "alert", "observe"]),
                at_once=st.booleans(),
            ),
            max_size=6,
        ),
    ),
    max_size=40,
)


@given(looks)
def test_whatever_happens_every_shop_keeps_its_version_and_no_serving_process_is_replaced(
    told: list[tuple[float, bool, bool, list[Verdict]]],
) -> None:
    code, now = started(), AT
    releases: list[Release] = [follow(one, code) for one in SHOPS]
    for seconds, gathered, answers, verdicts in told:
        now += timedelta(seconds=seconds)
        seen = look(
            code, verdicts or WELL, **({} if gathered else {"scattered": ["x"]}), **({} if answers else {"running": {}})
        )
        following = advance(code, seen, POLICY, now)
        if following.weight > code.weight:
            assert following.weight == STAGES[following.phase].weight
            assert code.phase in STAGES and STAGES[code.phase].following == following.phase
        # What a slot with traffic runs never changes.
        for slot in SLOTS:
            had_traffic = any(one.weights()[slot] for one in releases)
            if had_traffic and code.phase != "GATHERING":
                assert following.code_in(slot) == code.code_in(slot) or (following.weight == 0 and slot == following.other)
        assert CodeRelease.model_validate_json(following.model_dump_json()) == following
        code = following
        releases = [follow(one, code) for one in releases]
        for one, before in zip(releases, SHOPS, strict=True):
            assert sum(one.weights().values()) == WEIGHT_TOTAL
            assert {placed.version for placed in (one.stable, one.challenger) if placed} == {before.stable.version}
            assert one.weights()[code.other] == (code.weight if code.is_tried else 0)
            assert follow(one, code) is one
            assert Release.model_validate_json(one.model_dump_json()) == one


@given(looks)
def test_a_tenants_record_is_the_same_however_many_steps_it_missed(told: list[tuple[float, bool, bool, list[Verdict]]]) -> None:
    code, now = started(), AT
    first = [follow(one, code) for one in SHOPS]
    always = first
    for seconds, _, _, verdicts in told:
        now += timedelta(seconds=seconds)
        code = advance(code, look(code, verdicts or WELL), POLICY, now)
        always = [follow(one, code) for one in always]
    late = [follow(one, code) for one in first]
    for one, other in zip(always, late, strict=True):
        assert (one.weights(), one.phase, one.stable, one.challenger) == (
            other.weights(),
            other.phase,
            other.stable,
            other.challenger,
        )


def test_the_model_release_of_a_shop_ends_before_the_shop_is_gathered() -> None:
    busy = record(challenger_weight=100).model_copy(update={"phase": "STEP_1", "since": AT})
    assert follow(busy, started()) is busy


def test_a_shop_is_its_own_again_when_the_code_release_is_over() -> None:
    release = follow(SHOPS[0], started())
    assert release.code == "code-new-r1"
    over = follow(release, in_phase("STEADY"))
    assert (over.code, over.phase, over.stable.slot) == (None, "STEADY", "green")
