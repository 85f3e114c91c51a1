"""What the exporter says of drift is what rollout reads; on a real topic."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry

from recommndr.kafka_access import KafkaAccess
from recommndr.release_policy import ReleasePolicy
from recommndr.topics import SERVED
from recommndr_background.loops import Loops
from recommndr_monitoring import metrics
from recommndr_monitoring.drift.between_arms import ArmDrift
from recommndr_monitoring.drift.tail import ReleaseKey, ServedTail
from recommndr_monitoring.drift.window import N_SLICES, SLICE_S
from recommndr_monitoring.drift_source import DriftSource
from recommndr_monitoring.source import SourceUnavailable
from recommndr_native.topics import ensure_topics
from recommndr_rollout import drift_samples
from recommndr_rollout.evidence import Arm, Evidence
from recommndr_rollout.rules import verdicts
from recommndr_rollout.seen import Sample
from tests.monitoring.test_drift import answers
from tests.patience import eventually
from tests.rollout.records import record

ONE = record(challenger_weight=100)
KEY = ReleaseKey(str(ONE.tenant), ONE.release_id)


class Known:
    """Drift as a test says it, read at an instant."""

    def __init__(self, drift: ArmDrift, read_at_s: float | None = 0.0) -> None:
        self.drift, self.read_at_s = drift, read_at_s

    def drifts(self) -> dict[ReleaseKey, ArmDrift]:
        return {KEY: self.drift, ReleaseKey("elsewhere", "r1"): replace(self.drift, n_shoppers=9)}


def exported(drift: ArmDrift) -> Iterator[Sample]:
    """The exporter's samples as Prometheus gives them to rollout."""
    families = metrics.families()
    for sample in DriftSource(Known(drift), lambda: 1.0).samples():
        families[sample.family].add_metric(sample.labels, sample.value)
    for family in families.values():
        for one in family.samples:
            yield Sample(one.name, {**one.labels, "instance": "monitoring"}, one.value)


@pytest.mark.parametrize(("psi", "ks", "health"), [(0.1, 0.1, "healthy"), (0.6, 0.1, "failing"), (0.1, 0.6, "failing")])
def test_a_rule_sees_what_the_exporter_says(psi: float, ks: float, health: str) -> None:
    drift = ArmDrift(700, {"price": psi, "age": 0.0}, {"price": ks, "age": 0.0}, 0.2, 0.1, 0.5, 0.2)
    evidence = drift_samples.drift_of(list(exported(drift)), ONE)
    assert evidence is not None
    assert (evidence.n_samples, evidence.psi_of_column, evidence.ks_of_column) == (700, drift.psi, drift.ks)
    judged = {one.rule: one for one in verdicts(Evidence(Arm("green"), Arm("blue"), 60.0, drift=evidence), ReleasePolicy())}
    assert judged["feature_drift"].health == health
    assert "column price differs most" in judged["feature_drift"].finding
    assert judged["score_drift"].health == "healthy"
    assert judged["confidence"].health == "failing"


def test_without_samples_of_the_release_nothing_is_known() -> None:
    drift = ArmDrift(700, {"price": 9.0}, {"price": 1.0}, 0.2, 0.1, 0.5, 0.2)
    samples = [one for one in exported(drift) if one.labels.get("tenant") == "elsewhere"]
    assert samples
    assert drift_samples.drift_of(samples, ONE) is None


@pytest.mark.parametrize("read_at_s", [None, -100.0])
def test_a_topic_that_is_not_read_makes_the_source_away(read_at_s: float | None) -> None:
    source = DriftSource(Known(ArmDrift(700, {}, {}, 0.0, 0.0, 1.0, 1.0), read_at_s), lambda: 1.0)
    with pytest.raises(SourceUnavailable):
        source.samples()


@pytest.mark.integration
def test_the_last_hour_of_the_topic_is_read_and_nothing_older(kafka_bootstrap: str) -> None:
    access, random, now_s = KafkaAccess(kafka_bootstrap), np.random.default_rng(4), time.time()
    tenant = f"drifted{int(now_s)}"
    ensure_topics(access)
    with KafkaProducer(bootstrap_servers=kafka_bootstrap, enable_idempotence=False) as producer:
        for arm in ("stable", "challenger"):
            for age_s in (1.5 * N_SLICES * SLICE_S, 5.0):
                for user, answer in enumerate(answers(arm, 80, random, at_s=now_s - age_s)):
                    key = f"{tenant}|{arm}-{user}-{age_s}".encode()
                    producer.send(SERVED.name, answer.to_bytes(), key=key, timestamp_ms=int(1e3 * (now_s - age_s)))
        producer.send(SERVED.name, b"garbage", key=f"{tenant}|u".encode())
        producer.flush()
    tail, loops = ServedTail(access, time.time), Loops(CollectorRegistry())
    loops.add(tail.work).start()
    try:
        eventually(lambda: tail.read_at_s is not None, "the topic is read")
        (drift,) = [drift for key, drift in tail.drifts().items() if key.tenant == tenant]
    finally:
        loops.stop()
    assert drift.n_shoppers == 80
    assert tail.n_unreadable >= 1
