"""Operators read what a release waits for, and it is what the state machine waits for."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.release import Barred, Phase, Release
from recommndr.release_policy import ReleasePolicy, RuleName
from recommndr_rollout import operator_moves
from recommndr_rollout.advance import advance
from recommndr_rollout.moves import refused_moves
from recommndr_rollout.operator_moves import Asked, MoveRefused
from recommndr_rollout.rules import RULES
from recommndr_rollout.stages import STAGES
from recommndr_rollout.verdict import Health, Verdict
from recommndr_rollout.waits import waits
from tests.rollout.records import record

AT = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = ReleasePolicy(min_step_s=600, patience_s=3_600)
HEALTHS: tuple[Health, ...] = ("healthy", "unknown", "failing")


def release(phase: Phase, paused: bool = False) -> Release:
    return record(challenger_weight=1_000).model_copy(update={"phase": phase, "since": AT, "paused": paused})


def verdicts(**but: Health) -> list[Verdict]:
    return [Verdict(rule, but.get(rule, "healthy"), f"what {rule} saw") for rule in RULES]


def told(of: Release, after_s: float, **but: Health) -> list[str]:
    return [one.told for one in waits(of, verdicts(**but), POLICY, AT + timedelta(seconds=after_s))]


@given(
    st.sampled_from(sorted(STAGES)),
    st.booleans(),
    st.dictionaries(st.sampled_from(sorted(RULES)), st.sampled_from(HEALTHS)),
    st.sampled_from(["act", "alert", "observe"]),
    st.sampled_from([0.0, 599.0, 600.0, 3_599.0, 3_600.0]),
)
def test_a_step_goes_on_exactly_when_nothing_is_named_to_wait_for(
    phase: Phase, paused: bool, healths: dict[RuleName, Health], consequence: str, after_s: float
) -> None:
    now, before = AT + timedelta(seconds=after_s), release(phase, paused)
    seen = [Verdict(rule, healths.get(rule, "healthy"), "", consequence) for rule in RULES]  # type: ignore[arg-type]
    after = advance(before, seen, POLICY, now)
    if not any(one.acts for one in seen):
        assert (after.phase == STAGES[phase].following) == (waits(before, seen, POLICY, now) == [])


def test_the_rest_of_a_step_ends_by_itself_at_a_known_time() -> None:
    (wait,) = waits(release("STEP_1"), verdicts(), POLICY, AT + timedelta(seconds=10))
    assert (wait.told, wait.until) == ("the step lasts long enough", AT + timedelta(seconds=600))


def test_a_rule_that_is_waited_for_says_what_it_saw() -> None:
    assert told(release("STEP_1"), 900, latency="unknown") == ["rule latency is healthy: what latency saw"]
    assert told(release("WARMING"), 0, load="unknown") == ["rule load is healthy: what load saw"]


def test_outcomes_are_waited_for_until_patience_is_over() -> None:
    (wait,) = waits(release("STEP_10"), verdicts(ctr="unknown"), POLICY, AT + timedelta(seconds=900))
    assert (wait.told, wait.until) == ("rule ctr is healthy: what ctr saw", AT + timedelta(seconds=3_600))
    assert told(release("STEP_10"), 3_600, ctr="unknown") == []


def test_a_paused_release_waits_for_somebody() -> None:
    assert told(release("STEP_1", paused=True), 900) == ["somebody resumes the release"]


def test_before_the_first_verdict_every_needed_rule_is_waited_for() -> None:
    found = [one.told for one in waits(release("STEP_1"), (), POLICY, AT + timedelta(seconds=900))]
    assert found == [f"rule {rule} is healthy: not judged yet" for rule in ("slot", "errors", "latency")]


def test_the_watch_after_a_promotion_and_the_rest_after_a_return_end_at_known_times() -> None:
    for phase, seconds in (("PROMOTED", POLICY.watch_s), ("ROLLED_BACK", POLICY.settle_s)):
        over = record().model_copy(update={"phase": phase, "since": AT})
        (wait,) = waits(over, verdicts(), POLICY, AT)
        assert wait.until == AT + timedelta(seconds=seconds)
    assert "halved every 5 s" in told(release("ROLLING_BACK"), 0)[0]
    assert told(record(), 0) == []


PHASES: tuple[Phase, ...] = ("STEADY", *STAGES, "PROMOTED", "ROLLING_BACK", "ROLLED_BACK")  # type: ignore[assignment]
MOVES = {
    "pause": operator_moves.pause,
    "resume": operator_moves.resume,
    "promote": operator_moves.promote_now,
    "rollback": operator_moves.roll_back,
}


@pytest.mark.parametrize(("phase", "weight", "paused"), list(product(PHASES, (None, 0, 1_000), (False, True))))
def test_a_move_is_refused_beforehand_exactly_when_the_record_would_refuse_it(
    phase: Phase, weight: int | None, paused: bool
) -> None:
    of, asked = record(challenger_weight=weight).model_copy(update={"phase": phase, "paused": paused}), Asked("ana", "x", AT)
    refused = refused_moves(of, AT)
    for move, make in MOVES.items():
        try:
            make(of, asked)
        except MoveRefused as cause:
            assert refused[move] == str(cause)  # type: ignore[index]
        else:
            assert move not in refused
    assert ("start" in refused) == (weight is not None)


def test_a_bar_is_lifted_by_its_version_so_only_asking_tells() -> None:
    bar = Barred(version="bundle-2", model_version=2, at=AT, reason="slow")
    assert "lift" not in refused_moves(record().model_copy(update={"barred": (bar,)}), AT)
