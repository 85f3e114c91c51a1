"""What the exporter says of drift is what rollout reads; on a real topic."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry

from recommndr.drift.between_arms import ArmDrift
from recommndr.drift.mixes import MixDrift
from recommndr.drift.slices import N_SLICES, SLICE_S
from recommndr.drift.visits import SlotMixName
from recommndr.drift.window import Sample as Served
from recommndr.drift.windows import ReleaseKey, Windows
from recommndr.input_reference import REFERENCE_FILE, InputReference
from recommndr.kafka_access import KafkaAccess
from recommndr.release_policy import ReleasePolicy
from recommndr.topics import SERVED
from recommndr_background.loops import Loops
from recommndr_monitoring import metrics
from recommndr_monitoring import source as samples
from recommndr_monitoring.drift.reference import References
from recommndr_monitoring.drift.tail import ServedTail
from recommndr_monitoring.drift_source import DriftSource
from recommndr_monitoring.source import SourceUnavailable
from recommndr_native.topics import ensure_topics
from recommndr_rollout import drift_samples
from recommndr_rollout.evidence import Arm, Evidence, Mix
from recommndr_rollout.rules import verdicts
from recommndr_rollout.seen import Sample
from tests.patience import eventually
from tests.recommndr.test_drift import answers
from tests.rollout.records import record

ONE = record(challenger_weight=100)
KEY = ReleaseKey(str(ONE.tenant), ONE.release_id)


NO_REFERENCES = References(Path("no-such-folder"))


class Known:
    """Drift as a test says it, read at an instant."""

    def __init__(self, drift: ArmDrift, read_at_s: float | None = 0.0) -> None:
        self.drift, self.read_at_s = drift, read_at_s
        self.served: Served | None = None
        self.n_compared = 0

    def drifts(self) -> dict[ReleaseKey, ArmDrift]:
        self.n_compared += 1
        return {KEY: self.drift, ReleaseKey("elsewhere", "r1"): replace(self.drift, n_shoppers=9)}

    def mixes(self) -> dict[ReleaseKey, dict[SlotMixName, MixDrift]]:
        return {KEY: {"device": MixDrift(0.3, 700, 640)}, ReleaseKey("elsewhere", "r1"): {"device": MixDrift(9.0, 900, 900)}}

    def stable(self) -> dict[str, tuple[str, Served]]:
        return {"grocer": ("v1", self.served)} if self.served is not None else {}


def exported(drift: ArmDrift) -> Iterator[Sample]:
    """The exporter's samples as Prometheus gives them to rollout."""
    families = metrics.families()
    for sample in DriftSource(Known(drift), NO_REFERENCES, lambda: 1.0).samples():
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


def test_a_rule_sees_the_mix_of_shoppers_that_the_exporter_says() -> None:
    found = drift_samples.mixes_of(list(exported(ArmDrift(700, {}, {}, 0.2, 0.1, 0.5, 0.2))), ONE)
    assert found == {"device": Mix(640, 0.3)}
    judged = {one.rule: one for one in verdicts(Evidence(Arm("green"), Arm("blue"), 60.0, mixes=found), ReleasePolicy())}
    assert judged["mix_drift"].health == "failing"


def test_without_samples_of_the_release_nothing_is_known() -> None:
    drift = ArmDrift(700, {"price": 9.0}, {"price": 1.0}, 0.2, 0.1, 0.5, 0.2)
    samples = [one for one in exported(drift) if one.labels.get("tenant") == "elsewhere"]
    assert samples
    assert drift_samples.drift_of(samples, ONE) is None


def test_arms_are_compared_every_quarter_of_a_minute_however_often_they_are_asked_for() -> None:
    known, now_s = Known(ArmDrift(700, {"price": 0.3}, {"price": 0.1}, 0.2, 0.1, 0.5, 0.2)), [1.0]
    source = DriftSource(known, NO_REFERENCES, lambda: now_s[0])
    first = source.samples()
    for now_s[0], n_compared in ((6.0, 1), (11.0, 1), (16.0, 2), (17.0, 2)):
        known.read_at_s = now_s[0]
        assert source.samples() == first
        assert known.n_compared == n_compared


def test_records_are_read_while_arms_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    tail = ServedTail(KafkaAccess("127.0.0.1:9"), lambda: 0.0)
    held: list[bool] = []

    def compared(_: Windows) -> dict[ReleaseKey, ArmDrift]:
        held.append(tail._lock.locked())
        return {}

    monkeypatch.setattr(Windows, "drifts", compared)
    monkeypatch.setattr(Windows, "stable", compared)
    monkeypatch.setattr(Windows, "mixes", compared)
    tail.drifts(), tail.stable(), tail.mixes()
    assert held == [False, False, False]


@pytest.mark.parametrize("read_at_s", [None, -100.0])
def test_a_topic_that_is_not_read_makes_the_source_away(read_at_s: float | None) -> None:
    source = DriftSource(Known(ArmDrift(700, {}, {}, 0.0, 0.0, 1.0, 1.0), read_at_s), NO_REFERENCES, lambda: 1.0)
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


def served(values: np.ndarray) -> Served:
    n = len(values)
    return Served(values.astype(np.float32), np.zeros((n, 1)), np.zeros(n))


def learnt(random: np.random.Generator, n: int) -> np.ndarray:
    """Prices, and counts that are mostly 0; every fifth price is not known, and it is ten o'clock."""
    prices = np.where(random.random(n) < 0.2, np.nan, random.lognormal(5, 1, n))
    return np.stack([prices, random.poisson(0.2, n), np.full(n, 10.0)], axis=1).astype(np.float32)


def references(folder: Path, names: tuple[str, ...] = ("price", "orders", "hour")) -> References:
    (folder / "v1").mkdir()
    np.save(folder / "v1" / REFERENCE_FILE, InputReference.of(learnt(np.random.default_rng(1), 5_000)).table)
    (folder / "v1" / "manifest.json").write_text(json.dumps({"ranker_columns": [{"name": name} for name in names]}))
    return References(folder)


def from_reference(found: list[samples.Sample]) -> dict[str, float]:
    return {one.labels[1]: one.value for one in found if one.family == "recommndr_drift_reference_psi"}


def test_the_stable_arm_is_compared_with_what_its_bundle_learnt_from(tmp_path: Path) -> None:
    random, known, now_s = np.random.default_rng(3), Known(ArmDrift(9, {}, {}, 0.0, 0.0, 1.0, 1.0)), [1.0]
    source = DriftSource(known, references(tmp_path), lambda: now_s[0])
    known.read_at_s = 1.0
    known.served = served(learnt(random, 1_000))
    quiet = from_reference(source.samples())
    assert set(quiet) == {"price", "orders"}  # the hour moves by itself
    assert max(quiet.values()) < 0.1
    known.served = served(learnt(random, 1_000) * 100)  # an import of prices in another unit
    assert from_reference(source.samples()) == quiet  # once a minute
    known.read_at_s = now_s[0] = 61.0
    assert from_reference(source.samples())["price"] > 1.0


def test_a_bundle_without_a_reference_and_few_shoppers_say_nothing(tmp_path: Path) -> None:
    known = Known(ArmDrift(9, {}, {}, 0.0, 0.0, 1.0, 1.0))
    known.served = served(learnt(np.random.default_rng(3), 1_000))
    assert from_reference(DriftSource(known, NO_REFERENCES, lambda: 1.0).samples()) == {}
    known.served = served(learnt(np.random.default_rng(3), 10))
    assert from_reference(DriftSource(known, references(tmp_path), lambda: 1.0).samples()) == {}


def test_a_reference_that_does_not_fit_its_bundle_is_named(tmp_path: Path) -> None:
    known = Known(ArmDrift(9, {}, {}, 0.0, 0.0, 1.0, 1.0))
    known.served = served(learnt(np.random.default_rng(3), 1_000))
    with pytest.raises(SourceUnavailable, match=r"v1.*3 columns, the manifest has 1"):
        DriftSource(known, references(tmp_path, ("price",)), lambda: 1.0).samples()
