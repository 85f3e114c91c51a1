"""What rollout asks monitoring for: windows that do not reach back before the phase of the release."""

import re

import pytest

from recommndr_rollout.evidence import Consistency
from recommndr_rollout.observations import Beside, Observations, evidence
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
