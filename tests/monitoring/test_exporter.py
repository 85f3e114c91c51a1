"""The exporter's samples of sources that answer, stop answering, hang and come back."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily

from recommndr_monitoring import metrics, redis_info
from recommndr_monitoring.exporter import Exporter
from recommndr_monitoring.source import Sample, SourceUnavailable
from recommndr_monitoring.watch import ASK_EVERY_S, FORGET_AFTER_S, Watch


@dataclass
class Shop:
    """A source with set answers, and a clock."""

    name: str = "redis"
    answer: list[Sample] | None = field(default_factory=lambda: [Sample("recommndr_redis_keys", 250)])
    now_s: float = 100.0

    def samples(self) -> list[Sample]:
        self.now_s += 0.25
        if self.answer is None:
            raise SourceUnavailable("no answer")
        return self.answer


def registry_of(*watches: Watch) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Exporter(watches))
    return registry


def test_what_a_source_says_is_reported_with_the_time_it_took() -> None:
    shop = Shop()
    watch = Watch(shop, lambda: shop.now_s)
    watch.ask()
    value = registry_of(watch).get_sample_value
    assert value("recommndr_redis_keys") == 250
    assert value("recommndr_monitoring_source_up", {"source": "redis"}) == 1
    assert value("recommndr_monitoring_source_seconds", {"source": "redis"}) == 0.25


def test_a_source_that_is_away_costs_its_own_series_and_comes_back() -> None:
    shop, other = Shop(), Shop("mlflow", answer=[])
    watch, beside = Watch(shop, lambda: shop.now_s), Watch(other, lambda: other.now_s)
    registry = registry_of(watch, beside)
    for one in (watch, beside):
        one.ask()
    shop.answer = None
    with pytest.raises(SourceUnavailable):
        watch.ask()
    assert registry.get_sample_value("recommndr_monitoring_source_up", {"source": "redis"}) == 0
    assert registry.get_sample_value("recommndr_redis_keys") is None
    assert registry.get_sample_value("recommndr_monitoring_source_up", {"source": "mlflow"}) == 1
    shop.answer = [Sample("recommndr_redis_keys", 1)]
    watch.ask()
    assert registry.get_sample_value("recommndr_redis_keys") == 1


def test_a_source_that_hangs_does_not_show_its_old_values_for_ever() -> None:
    shop = Shop()
    watch = Watch(shop, lambda: shop.now_s)
    watch.ask()
    shop.now_s += ASK_EVERY_S
    assert watch.newest() is not None
    shop.now_s += FORGET_AFTER_S
    assert watch.newest() is None
    assert registry_of(watch).get_sample_value("recommndr_monitoring_source_up", {"source": "redis"}) == 0


def test_before_the_first_answer_a_source_is_away() -> None:
    shop = Shop()
    watch = Watch(shop, lambda: shop.now_s)
    assert registry_of(watch).get_sample_value("recommndr_monitoring_source_up", {"source": "redis"}) == 0


def test_redis_without_a_limit_may_use_the_machine() -> None:
    info = json.loads((Path(__file__).parent / "recorded" / "redis.json").read_text())
    told = {sample.family: sample.value for sample in redis_info.samples_of(info, database=0)}
    assert told["recommndr_redis_keys"] == 250
    assert told["recommndr_redis_memory_limit_bytes"] == info["total_system_memory"]
    limited = {sample.family: sample.value for sample in redis_info.samples_of(info | {"maxmemory": 1_000}, database=1)}
    assert limited["recommndr_redis_memory_limit_bytes"] == 1_000
    assert limited["recommndr_redis_keys"] == 0


def test_a_family_is_a_counter_when_its_value_only_grows() -> None:
    grows = ("_restarts", "_checkpoints", "_records_in", "_records_out", "_keys", "_connections", "_commands", "_records")
    for name, family in metrics.families().items():
        if isinstance(family, CounterMetricFamily):
            assert name.endswith((*grows, "_busy_seconds", "_backpressured_seconds")), name
