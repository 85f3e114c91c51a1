"""The rules that releases are judged by: each a small pure function of the evidence and its settings."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from recommndr.release_policy import ReleasePolicy, Rule, RuleName
from recommndr_rollout.evidence import Evidence
from recommndr_rollout.rules.consistency import consistency
from recommndr_rollout.rules.drift import confidence, feature_drift, mix_drift, score_drift
from recommndr_rollout.rules.errors import errors
from recommndr_rollout.rules.finding import Finding
from recommndr_rollout.rules.ladder import ladder
from recommndr_rollout.rules.latency import latency
from recommndr_rollout.rules.refused_input import refused_input
from recommndr_rollout.rules.resources import memory, processor
from recommndr_rollout.rules.running import load, slot
from recommndr_rollout.rules.shoppers import conversion, ctr, engagement
from recommndr_rollout.verdict import Verdict

RULES: Mapping[RuleName, Callable[[Evidence, Rule], Finding]] = MappingProxyType(
    {
        "load": load,
        "slot": slot,
        "errors": errors,
        "latency": latency,
        "ladder": ladder,
        "memory": memory,
        "processor": processor,
        "ctr": ctr,
        "conversion": conversion,
        "engagement": engagement,
        "input": refused_input,
        "feature_drift": feature_drift,
        "score_drift": score_drift,
        "confidence": confidence,
        "mix_drift": mix_drift,
        "consistency": consistency,
    }
)


def verdicts(evidence: Evidence, policy: ReleasePolicy) -> list[Verdict]:
    """What each rule says, with the tenant's settings."""
    return [_verdict(name, judge(evidence, policy.rule(name)), policy.rule(name)) for name, judge in RULES.items()]


def _verdict(name: RuleName, found: Finding, rule: Rule) -> Verdict:
    return Verdict(name, found.health, f"{name}: {found.told}", rule.consequence, found.value, found.at_once)
