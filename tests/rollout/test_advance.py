"""A release goes on by steps while its rules are healthy, and back when one fails."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.release import WEIGHT_TOTAL, Phase, Release
from recommndr.release_policy import ReleasePolicy, RuleName
from recommndr_rollout import operator_moves
from recommndr_rollout.advance import advance
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.operator_moves import Asked
from recommndr_rollout.rules import RULES
from recommndr_rollout.stages import STAGES
from recommndr_rollout.verdict import Health, Verdict
from tests.rollout.records import record

AT = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = ReleasePolicy(min_step_s=60.0, patience_s=600.0, watch_s=120.0, return_s=5.0, settle_s=30.0)
ASKED = Asked("anna", "it is Monday", AT)
FORWARD: tuple[Phase, ...] = ("WARMING", "STEP_1", "STEP_10", "STEP_50")


def verdict(rule: RuleName = "errors", health: Health = "healthy", **others: object) -> Verdict:
    return Verdict(rule, health, f"{rule}: {health}", **others)  # type: ignore[arg-type]


WELL = [verdict(rule) for rule in RULES]


def but(rule: RuleName, health: Health, **others: object) -> list[Verdict]:
    return [one for one in WELL if one.rule != rule] + [verdict(rule, health, **others)]


def started() -> Release:
    return operator_moves.start(record(), "grocer", Candidate("bundle-2", 2), ASKED)


def in_phase(phase: Phase) -> Release:
    """A release that came to this phase on its own."""
    release, now = started(), AT
    for _ in range(10):
        if release.phase == phase:
            return release
        now += timedelta(seconds=61)
        release = advance(release, WELL, POLICY, now)
    raise AssertionError(f"never in {phase}")


def later(release: Release, seconds: float) -> datetime:
    assert release.since is not None
    return release.since + timedelta(seconds=seconds)


def test_a_healthy_release_takes_every_step_and_becomes_stable() -> None:
    release, now, seen = started(), AT, [("WARMING", 0)]
    for _ in range(600):
        now += timedelta(seconds=5)
        release = advance(release, WELL, POLICY, now)
        if (release.phase, release.challenger_weight) != seen[-1]:
            seen.append((release.phase, release.challenger_weight))
    assert seen == [("WARMING", 0), ("STEP_1", 100), ("STEP_10", 1_000), ("STEP_50", 5_000), ("PROMOTED", 0), ("STEADY", 0)]
    assert (release.stable.model_version, release.previous and release.previous.model_version) == (2, 1)
    assert release.weights() == {"blue": 0, "green": WEIGHT_TOTAL}


@pytest.mark.parametrize("phase", ["STEP_1", "STEP_10", "STEP_50"])
def test_a_step_lasts_its_least_time(phase: Phase) -> None:
    release = in_phase(phase)
    assert advance(release, WELL, POLICY, later(release, 59)) is release
    assert advance(release, WELL, POLICY, later(release, 60)).phase == STAGES[phase].following


@pytest.mark.parametrize("phase", FORWARD)
def test_no_news_is_no_step_forward(phase: Phase) -> None:
    release = in_phase(phase)
    nothing = [verdict(rule, "unknown") for rule in RULES]
    assert advance(release, nothing, POLICY, later(release, 1e6)) is release
    assert advance(release, [], POLICY, later(release, 1e6)) is release


@pytest.mark.parametrize("rule", ["ctr", "errors", "latency"])
def test_samples_that_a_small_shop_never_has_hold_a_step_until_patience_is_over(rule: RuleName) -> None:
    release = in_phase("STEP_10")
    few = but(rule, "unknown")
    assert advance(release, few, POLICY, later(release, 599)) is release
    assert advance(release, few, POLICY, later(release, 601)).phase == "STEP_50"


@pytest.mark.parametrize("phase", FORWARD)
def test_a_fault_that_must_not_last_takes_all_traffic_back_at_once(phase: Phase) -> None:
    release = in_phase(phase)
    back = advance(release, but("errors", "failing", at_once=True), POLICY, later(release, 1))
    assert (back.phase, back.challenger, back.challenger_weight) == ("ROLLED_BACK", None, 0)
    assert [bar.model_version for bar in back.barred] == [2]
    assert "errors: failing" in back.steps[-1].reason


def test_a_soft_fault_takes_traffic_back_by_halves() -> None:
    release = in_phase("STEP_50")
    release = advance(release, but("ctr", "failing"), POLICY, later(release, 1))
    weights, now = [release.challenger_weight], later(release, 0)
    while release.phase == "ROLLING_BACK":
        assert advance(release, WELL, POLICY, now + timedelta(seconds=4)) is release
        now += timedelta(seconds=5)
        release = advance(release, WELL, POLICY, now)
        weights.append(release.challenger_weight)
    assert weights == [2_500, 1_250, 625, 312, 156, 0]
    assert (release.phase, release.challenger) == ("ROLLED_BACK", None)


def test_a_return_by_halves_ends_at_once_when_requests_fail() -> None:
    release = in_phase("STEP_50")
    release = advance(release, but("ctr", "failing"), POLICY, later(release, 1))
    back = advance(release, but("errors", "failing", at_once=True), POLICY, later(release, 1))
    assert (back.phase, back.challenger_weight) == ("ROLLED_BACK", 0)


def test_a_rule_that_only_alerts_holds_the_step_and_one_that_observes_does_not() -> None:
    release = in_phase("STEP_10")
    assert advance(release, but("input", "failing", consequence="alert"), POLICY, later(release, 1e6)) is release
    seen = advance(release, but("score_drift", "failing", consequence="observe"), POLICY, later(release, 1e6))
    assert seen.phase == "STEP_50"


def test_a_paused_release_goes_back_but_not_on() -> None:
    release = operator_moves.pause(in_phase("STEP_10"), ASKED)
    assert advance(release, WELL, POLICY, later(release, 1e6)) is release
    assert advance(release, but("errors", "failing", at_once=True), POLICY, later(release, 1)).phase == "ROLLED_BACK"
    assert advance(operator_moves.resume(release, ASKED), WELL, POLICY, later(release, 1e6)).phase == "STEP_50"


def test_a_promoted_version_that_fails_in_its_watch_gives_way_to_the_old_one() -> None:
    release = in_phase("PROMOTED")
    back = advance(release, but("errors", "failing", at_once=True), POLICY, later(release, 119))
    assert (back.phase, back.stable.model_version) == ("ROLLED_BACK", 1)
    assert [bar.model_version for bar in back.barred] == [2]
    assert back.weights() == {"blue": WEIGHT_TOTAL, "green": 0}
    assert advance(release, but("errors", "failing"), POLICY, later(release, 120)).phase == "STEADY"


def test_a_return_ends_when_the_stable_slot_is_healthy_for_a_while_and_is_told_once_when_not() -> None:
    release = in_phase("STEP_1")
    release = advance(release, but("errors", "failing", at_once=True), POLICY, later(release, 1))
    assert advance(release, WELL, POLICY, later(release, 29)) is release
    ill = advance(release, but("latency", "failing"), POLICY, later(release, 10))
    assert ill.steps[-1].reason.startswith("the stable slot is not healthy after the return: latency")
    assert advance(ill, [Verdict("latency", "failing", "latency: another figure")], POLICY, later(ill, 100)) is ill
    assert advance(release, WELL, POLICY, later(release, 30)).phase == "STEADY"


def test_what_failed_is_barred_until_somebody_lifts_it() -> None:
    release = in_phase("STEP_1")
    release = advance(release, but("errors", "failing", at_once=True), POLICY, later(release, 1))
    with pytest.raises(operator_moves.MoveRefused, match=r"version 2 is barred since 2026-03-01.*lift the bar"):
        operator_moves.start(release, "grocer", Candidate("bundle-2", 2), ASKED)
    lifted = operator_moves.lift(release, 2, ASKED)
    assert operator_moves.start(lifted, "grocer", Candidate("bundle-2", 2), ASKED).phase == "WARMING"
    with pytest.raises(operator_moves.MoveRefused, match="version 3 is not barred; barred are: 2"):
        operator_moves.lift(release, 3, ASKED)


healths = st.sampled_from(["healthy", "failing", "unknown"])
looks = st.lists(
    st.tuples(
        st.floats(0.0, 700.0),
        st.lists(
            st.builds(
                Verdict,
                st.sampled_from(list(RULES)),
                healths,
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
def test_whatever_the_rules_say_somebody_serves_and_weight_grows_only_by_steps(told: list[tuple[float, list[Verdict]]]) -> None:
    release, now = started(), AT
    for seconds, verdicts in told:
        now += timedelta(seconds=seconds)
        following = advance(release, verdicts, POLICY, now)
        assert sum(following.weights().values()) == WEIGHT_TOTAL
        if any(one.acts for one in verdicts) and release.challenger is not None:
            assert following.challenger_weight <= release.challenger_weight
        if following.challenger_weight > release.challenger_weight:
            assert following.challenger_weight == STAGES[following.phase].weight
            assert release.phase in STAGES and STAGES[release.phase].following == following.phase
        assert following is release or following != release
        # A tick that dies after it saved decides the same again from what was saved.
        assert Release.model_validate_json(following.model_dump_json()) == following
        release = following


@given(looks)
def test_a_shopper_who_moved_to_the_challenger_moves_back_at_most_once(told: list[tuple[float, list[Verdict]]]) -> None:
    release, now, weights = started(), AT, [0]
    for seconds, verdicts in told:
        now += timedelta(seconds=seconds)
        release = advance(release, verdicts, POLICY, now)
        if release.phase in {"PROMOTED", "STEADY"}:
            break
        weights.append(release.challenger_weight)
    top = weights.index(max(weights))
    assert weights[: top + 1] == sorted(weights[: top + 1]) and weights[top:] == sorted(weights[top:], reverse=True)


@pytest.mark.parametrize("phase", ["STEP_1", "STEP_50"])
def test_a_person_promotes_or_rolls_back_with_a_name_and_a_reason(phase: Phase) -> None:
    release = in_phase(phase)
    up, back = operator_moves.promote_now(release, ASKED), operator_moves.roll_back(release, ASKED)
    assert (up.phase, up.stable.model_version, up.steps[-1].by) == ("PROMOTED", 2, "anna")
    assert (back.phase, back.challenger, back.steps[-1].reason) == ("ROLLED_BACK", None, "rolled back by hand: it is Monday")
    again = operator_moves.roll_back(up, ASKED)
    assert again.stable.model_version == 1


def test_moves_that_the_record_does_not_allow_are_refused() -> None:
    idle, running = record(), in_phase("STEP_1")
    for refused, why in (
        (lambda: operator_moves.start(None, "grocer", Candidate("b", 1), ASKED), "no release yet: promote its first version"),
        (lambda: operator_moves.start(running, "grocer", Candidate("b", 3), ASKED), "is under way .STEP_1."),
        (lambda: operator_moves.start(idle, "grocer", Candidate("bundle-1", 1), ASKED), "version 1 is already live in blue"),
        (lambda: operator_moves.pause(idle, ASKED), "no release is under way"),
        (lambda: operator_moves.resume(running, ASKED), "is not paused"),
        (lambda: operator_moves.pause(operator_moves.pause(running, ASKED), ASKED), "is paused already"),
        (lambda: operator_moves.promote_now(started(), ASKED), "has not loaded release grocer-v2-r1 yet"),
        (lambda: operator_moves.roll_back(idle, ASKED), "no earlier version to go back to"),
    ):
        with pytest.raises(operator_moves.MoveRefused, match=why):
            refused()
