"""What rollout asks monitoring for: windows that do not reach back before the phase of the release."""

import re
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from recommndr.release import Phase, Step
from recommndr_rollout.evidence import Consistency
from recommndr_rollout.observations import Beside, Observations, evidence, trial_s
from recommndr_rollout.seen import Sample
from tests.rollout.records import record


def asked_for(phase_s: float) -> list[str]:
    """The queries for a release whose phase lasts so long."""
    queries: list[str] = []

    def ask(query: str) -> list[Sample]:
        queries.append(query)
        return []

    evidence(record(challenger_weight=100), Observations([], [], [], [], [], []), Beside({}), ask, phase_s)
    return queries


@pytest.mark.parametrize(("phase_s", "window_s"), [(0.0, 10), (45.0, 45), (299.0, 299), (3_600.0, 300)])
def test_restarts_before_the_phase_do_not_count(phase_s: float, window_s: int) -> None:
    (restarts,) = (query for query in asked_for(phase_s) if "process_start_time_seconds" in query)
    assert re.findall(r"\[(\d+)s\]", restarts) == [str(window_s)]


def windows_of_trial(trial_s: float) -> tuple[list[str], Observations]:
    """The windows that are asked for beside those of all releases, and what is known."""
    known = [Sample("", {}, 1.0)]
    queries: list[str] = []

    def ask(query: str) -> list[Sample]:
        queries.append(query)
        return []

    seen = Observations(known, known, known, known, known, known).of_trial(trial_s, ask)
    return [window for query in queries for window in re.findall(r"\[(\w+)\]", query)], seen


def test_requests_before_the_trial_do_not_count() -> None:
    assert windows_of_trial(5.0)[0] == []
    nothing = windows_of_trial(5.0)[1]
    assert (nothing.recent, nothing.traffic, nothing.ladder, nothing.p95, nothing.processor) == ((), (), (), (), ())
    assert set(windows_of_trial(20.0)[0]) == {"20s"} and not windows_of_trial(20.0)[1].recent
    assert set(windows_of_trial(200.0)[0]) == {"200s"} and windows_of_trial(200.0)[1].recent
    windows, all_known = windows_of_trial(300.0)
    assert not windows and all_known.traffic


@pytest.mark.parametrize(
    ("phase", "began_s", "trial"),
    [("WARMING", None, 0.0), ("STEP_1", 40.0, 40.0), ("STEP_50", 90.0, 90.0), ("PROMOTED", 120.0, 120.0), ("STEADY", 1.0, inf)],
)
def test_a_trial_begins_with_its_first_traffic(phase: Phase, began_s: float | None, trial: float) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    steps = [] if began_s is None else [Step(at=now - timedelta(seconds=began_s), phase="STEP_1", reason="", by="rollout")]
    assert trial_s(record(challenger_weight=100).model_copy(update={"phase": phase, "steps": tuple(steps)}), now) == trial


@pytest.mark.parametrize(("phase_s", "window_s"), [(0.0, 60), (90.0, 90), (3_600.0, 600)])
def test_memory_is_compared_with_the_least_since_the_phase_began(phase_s: float, window_s: int) -> None:
    (memory,) = (query for query in asked_for(phase_s) if "process_resident_memory_bytes" in query)
    assert re.findall(r"\[(\d+)s\]", memory) == [str(window_s)]


def test_a_consistency_report_is_evidence_of_its_own_tenant() -> None:
    one = record(challenger_weight=100)
    here, elsewhere = {"tenant": str(one.tenant)}, {"tenant": "elsewhere"}
    samples = [
        Sample("recommndr:consistency:2d", labels | {"figure": figure}, value)
        for labels, figures in ((here, {"answers": 600.0, "differing": 0.02}), (elsewhere, {"answers": 9.0, "differing": 1.0}))
        for figure, value in figures.items()
    ]
    seen = Observations([], [], [], [], [], [], samples)
    assert evidence(one, seen, Beside({}), lambda _: [], 60.0).consistency == Consistency(600, 0.02)
    assert evidence(one, Observations([], [], [], [], [], [], samples[2:]), Beside({}), lambda _: [], 60.0).consistency is None
