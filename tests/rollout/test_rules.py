"""Each rule says healthy, failing or unknown of what it sees, with the figure, the limit and the samples in words."""

from dataclasses import replace
from typing import get_args

import pytest

from recommndr.outcomes.partial import Partial, Sums
from recommndr.release_policy import RULES as SETTINGS
from recommndr.release_policy import ReleasePolicy, RuleChange, RuleName
from recommndr_rollout.evidence import Arm, Consistency, Drift, Evidence, Mix, Traffic
from recommndr_rollout.rules import RULES, verdicts
from recommndr_rollout.rules.finding import Finding

BUSY = Traffic(requests=1_000, errors=0, refused=10, lists=900, full=880)
STABLE = Arm(
    "blue",
    is_up=True,
    is_loaded=True,
    recent=BUSY,
    traffic=BUSY,
    p95_s=0.02,
    memory_growth=1.02,
    processor_s_per_request=0.004,
)
WELL = replace(STABLE, slot="green")


def shoppers(n: int, shown: int, clicks: int, purchases: int) -> Partial:
    """So many shoppers who all did the same, and as many who only saw the lists."""
    sums = {
        measure: Sums(n * each, n * each * each, n * each * shown)
        for measure, each in {"impressions": shown, "clicks": clicks, "purchases": purchases}.items()
    }
    sums["impressions"] = Sums(2 * n * shown, 2 * n * shown * shown, 2 * n * shown * shown)
    return Partial(2 * n, sums)


def says(name: RuleName, judged: Arm = WELL, beside: Arm | None = STABLE, phase_s: float = 300.0, **others: object) -> Finding:
    return RULES[name](Evidence(judged, beside, phase_s, **others), SETTINGS[name])  # type: ignore[arg-type]


def test_every_rule_has_settings_and_every_setting_a_rule() -> None:
    assert set(RULES) == set(get_args(RuleName)) == set(SETTINGS)
    assert all(rule.description for rule in SETTINGS.values())


NOTHING = replace(WELL, is_up=None, is_loaded=False, recent=Traffic(), traffic=Traffic(), p95_s=None, memory_growth=None)


@pytest.mark.parametrize("name", RULES)
def test_without_data_a_rule_says_neither_good_nor_bad(name: RuleName) -> None:
    found = says(name, NOTHING, replace(NOTHING, slot="blue"))
    assert found.health == "unknown" and found.told


@pytest.mark.parametrize(
    ("arm", "warming", "phase_s", "health"),
    [
        (WELL, True, 1.0, "healthy"),
        (replace(WELL, is_loaded=False), True, 599.0, "unknown"),
        (replace(WELL, is_loaded=False), True, 601.0, "failing"),
        (replace(WELL, is_loaded=False), False, 601.0, "unknown"),
        (replace(WELL, is_loaded=False, refusal="checksum"), True, 1.0, "failing"),
    ],
    ids=["loaded", "still loading", "never loads", "restarts later", "refused"],
)
def test_load(arm: Arm, warming: bool, phase_s: float, health: str) -> None:
    assert says("load", arm, phase_s=phase_s, is_warming=warming).health == health


@pytest.mark.parametrize(("is_up", "health"), [(True, "healthy"), (False, "failing"), (None, "unknown")])
def test_slot(is_up: bool | None, health: str) -> None:
    assert says("slot", replace(WELL, is_up=is_up)).health == health


@pytest.mark.parametrize(
    ("recent", "traffic", "health"),
    [
        (Traffic(100, 8), Traffic(100, 8), "failing"),
        (Traffic(100, 4), Traffic(100, 4), "healthy"),
        (Traffic(50, 3), Traffic(50, 3), "healthy"),  # 6 %, but the interval begins at 2 %
        (Traffic(49, 49), Traffic(49, 49), "unknown"),
        (Traffic(10, 0), Traffic(100, 8), "failing"),
        (Traffic(100, 0), Traffic(1_000, 80), "healthy"),  # is over
    ],
    ids=["8 %", "4 %", "few", "too few", "by five minutes", "half a minute without"],
)
def test_errors(recent: Traffic, traffic: Traffic, health: str) -> None:
    found = says("errors", replace(WELL, recent=recent, traffic=traffic))
    assert found.health == health
    assert found.at_once == (health != "unknown")


@pytest.mark.parametrize(
    ("p95_s", "requests", "health"), [(0.29, 100, "healthy"), (0.31, 100, "failing"), (0.4, 99, "unknown")]
)
def test_latency(p95_s: float, requests: float, health: str) -> None:
    assert says("latency", replace(WELL, p95_s=p95_s, traffic=Traffic(requests))).health == health


@pytest.mark.parametrize(
    ("p95_s", "beside", "health"),
    [
        (0.95, replace(STABLE, p95_s=0.9), "unknown"),
        (0.95, replace(STABLE, p95_s=0.5), "failing"),
        (0.95, replace(STABLE, p95_s=0.9, traffic=Traffic(99)), "failing"),
        (0.95, None, "failing"),
        (0.25, replace(STABLE, p95_s=0.01), "healthy"),
    ],
    ids=["both are slow", "slower than beside", "too few beside", "nobody beside", "slower but below the limit"],
)
def test_latency_of_both_slots_is_nobodys_release(p95_s: float, beside: Arm | None, health: str) -> None:
    assert says("latency", replace(WELL, p95_s=p95_s), beside).health == health


@pytest.mark.parametrize(
    ("full", "full_beside", "health"), [(880, 880, "healthy"), (700, 880, "failing"), (0, 0, "healthy"), (900, 0, "healthy")]
)
def test_ladder(full: float, full_beside: float, health: str) -> None:
    arm, beside = (replace(STABLE, traffic=replace(BUSY, full=each)) for each in (full, full_beside))
    assert says("ladder", arm, beside).health == health


@pytest.mark.parametrize(
    ("growth", "beside", "phase_s", "health"),
    [(1.2, 1.0, 120.0, "healthy"), (1.6, 1.0, 120.0, "failing"), (1.6, 1.5, 120.0, "healthy"), (3.0, 1.0, 59.0, "unknown")],
    ids=["steady", "leaks", "both grow", "has just begun"],
)
def test_memory(growth: float, beside: float, phase_s: float, health: str) -> None:
    arm, other = replace(WELL, memory_growth=growth), replace(STABLE, memory_growth=beside)
    assert says("memory", arm, other, phase_s).health == health


@pytest.mark.parametrize(("seconds", "health"), [(0.0079, "healthy"), (0.0081, "failing"), (None, "unknown")])
def test_processor(seconds: float | None, health: str) -> None:
    assert says("processor", replace(WELL, processor_s_per_request=seconds)).health == health


@pytest.mark.parametrize(("refused", "health"), [(10, "healthy"), (100, "healthy"), (111, "failing")])
def test_input(refused: float, health: str) -> None:
    assert says("input", replace(WELL, traffic=replace(BUSY, refused=refused))).health == health


@pytest.mark.parametrize(
    ("name", "partial", "health"),
    [
        ("ctr", shoppers(8_000, 20, 2, 1), "healthy"),
        ("ctr", shoppers(8_000, 20, 1, 1), "failing"),
        ("ctr", shoppers(8_000, 20, 3, 1), "healthy"),
        ("ctr", shoppers(60, 20, 2, 1), "unknown"),  # not surely as good
        ("ctr", shoppers(40, 20, 0, 0), "unknown"),  # too few
        ("conversion", shoppers(8_000, 20, 2, 0), "failing"),
        ("conversion", shoppers(16_000, 20, 2, 1), "healthy"),
        ("engagement", shoppers(8_000, 20, 1, 1), "failing"),
        ("engagement", shoppers(8_000, 20, 2, 1), "healthy"),
    ],
)
def test_what_shoppers_do(name: RuleName, partial: Partial, health: str) -> None:
    beside = replace(STABLE, outcomes={"recommend": shoppers(8_000, 20, 2, 1)})
    found = says(name, replace(WELL, outcomes={"recommend": partial}), beside)
    assert found.health == health, found.told
    assert not found.at_once


def test_one_list_that_loses_is_not_hidden_by_the_others() -> None:
    good, bad = shoppers(2_000, 20, 2, 1), shoppers(2_000, 20, 1, 1)
    beside = replace(STABLE, outcomes={"recommend": good, "similar_items": good})
    found = says("ctr", replace(WELL, outcomes={"recommend": good, "similar_items": bad}), beside)
    assert found.health == "failing" and found.told.startswith("similar_items: clicks per impression 0.0250")


@pytest.mark.parametrize(
    ("drift", "health"),
    [
        (Drift(500, {"a": 0.1, "b": 0.4}, 0.0, 1.0, 1.0), "healthy"),
        (Drift(500, {"a": 0.1, "b": 0.6}, 0.0, 1.0, 1.0), "failing"),
        (Drift(500, {"a": 0.1, "b": 0.1}, 0.0, 1.0, 1.0, {"b": 0.6}), "failing"),
        (Drift(499, {"a": 9.0}, 0.0, 1.0, 1.0), "unknown"),
    ],
)
def test_feature_drift(drift: Drift, health: str) -> None:
    assert says("feature_drift", drift=drift).health == health


@pytest.mark.parametrize(("psi", "health"), [(0.9, "healthy"), (1.1, "failing")])
def test_score_drift(psi: float, health: str) -> None:
    assert says("score_drift", drift=Drift(500, {}, psi, 1.0, 1.0)).health == health


@pytest.mark.parametrize(("gap", "health"), [(0.6, "healthy"), (0.4, "failing"), (1.5, "healthy")])
def test_confidence(gap: float, health: str) -> None:
    assert says("confidence", drift=Drift(500, {}, 0.0, 1.0, gap)).health == health


@pytest.mark.parametrize(
    ("mixes", "health"),
    [
        ({"country": Mix(500, 0.2), "device": Mix(500, 0.1)}, "healthy"),
        ({"country": Mix(500, 0.2), "device": Mix(500, 0.3)}, "failing"),
        ({"country": Mix(499, 9.0), "device": Mix(500, 0.1)}, "healthy"),
        ({"country": Mix(499, 9.0)}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_mix_drift(mixes: dict[str, Mix], health: str) -> None:
    assert says("mix_drift", mixes=mixes).health == health


def test_another_mix_of_shoppers_holds_a_release_and_takes_nothing_back() -> None:
    judged = verdicts(Evidence(WELL, STABLE, 300.0, mixes={"device": Mix(500, 0.5)}), ReleasePolicy())
    (verdict,) = [one for one in judged if one.rule == "mix_drift"]
    assert (verdict.holds, verdict.acts) == (True, False)
    assert verdict.finding.startswith("mix_drift: the mix by device differs most")


def test_a_tenant_changes_limit_samples_and_consequence_of_a_rule() -> None:
    evidence = Evidence(replace(WELL, p95_s=0.2), STABLE, 300.0)
    strict = ReleasePolicy(rules={"latency": RuleChange(limit=0.1, consequence="observe")})
    for policy, health, acts in ((ReleasePolicy(), "healthy", False), (strict, "failing", False)):
        (found,) = (one for one in verdicts(evidence, policy) if one.rule == "latency")
        assert (found.health, found.acts) == (health, acts)
    assert "limit 100 ms" in found.finding


@pytest.mark.parametrize(
    ("seen", "health"),
    [
        (Consistency(500, 0.01), "healthy"),
        (Consistency(500, 0.02), "failing"),
        (Consistency(499, 1.0), "unknown"),
        (None, "unknown"),
    ],
)
def test_logged_inputs_may_hardly_differ_from_a_replay(seen: Consistency | None, health: str) -> None:
    assert says("consistency", consistency=seen).health == health


def test_lost_consistency_holds_a_release_and_takes_nothing_back() -> None:
    judged = verdicts(Evidence(WELL, STABLE, 300.0, consistency=Consistency(500, 0.5)), ReleasePolicy())
    (verdict,) = [one for one in judged if one.rule == "consistency"]
    assert (verdict.holds, verdict.acts) == (True, False)
