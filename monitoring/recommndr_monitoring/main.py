"""Starts the exporter: `recommndr-monitoring`, configured by `RECOMMNDR_…` variables."""

import argparse
import logging
import os
import time

import httpx
import redis
from prometheus_client import CollectorRegistry, ProcessCollector

from recommndr.flink_identity import flink_context
from recommndr.hosts import inner_hosts
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.topics import TOPICS
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_monitoring.availability_probe import AvailabilityProbe, Clock
from recommndr_monitoring.consistency_reports import ConsistencyReports
from recommndr_monitoring.disks import Disks
from recommndr_monitoring.drift.reference import References
from recommndr_monitoring.drift.tail import ServedTail
from recommndr_monitoring.drift_source import DriftSource
from recommndr_monitoring.exporter import Exporter
from recommndr_monitoring.flink_rest import FlinkRest
from recommndr_monitoring.http_shop import HttpShop
from recommndr_monitoring.kafka_offsets import KafkaOffsets
from recommndr_monitoring.outcome_samples import OutcomeWatch
from recommndr_monitoring.redis_info import RedisInfo
from recommndr_monitoring.registry_health import RegistryHealth
from recommndr_monitoring.source import Source, SourceUnavailable
from recommndr_monitoring.watch import ASK_EVERY_S, Watch
from recommndr_monitoring.week_source import FORGET_AFTER_S, LOOK_EVERY_S, WeekSource, in_process
from recommndr_tail.outcomes_tail import OutcomesTail
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals

_TIMEOUT_S = 4.0
_PROBE_EVERY_S = 30.0  # each turn writes two records, and two lines of the audit log
_PROBE_FORGET_AFTER_S = 120.0  # a turn in which nothing comes through takes up to 60 s


def main() -> None:
    """Export until SIGTERM."""
    argparse.ArgumentParser(prog="recommndr-monitoring", description=__doc__).parse_args()
    settings = load(os.environ)
    log_json_lines("monitoring")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines report every request
    stop = stop_on_signals()
    served, bundles = ServedTail(settings.kafka, time.time), settings.state_dir / "bundles"
    sources = [*_sources(settings), DriftSource(served, References(bundles), time.time)]
    watches = [Watch(source, time.monotonic) for source in sources]
    weeks = Watch(WeekSource(in_process(settings.lake_dir, bundles)), time.monotonic, FORGET_AFTER_S)
    probes = [Watch(probe, time.monotonic, _PROBE_FORGET_AFTER_S) for probe in _probes(settings)]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    outcomes = OutcomesTail(settings.kafka, "recommndr-monitoring-outcomes", time.monotonic)
    registry.register(Exporter([*watches, *probes, weeks, OutcomeWatch(outcomes, time.monotonic)]))
    loops = Loops(registry)
    loops.add(outcomes.work)
    loops.add(served.work)
    for watch in watches:
        loops.add(
            Work(f"watch-{watch.name}", watch.ask, pause_s=ASK_EVERY_S, retry_s=ASK_EVERY_S, expected=(SourceUnavailable,))
        )
    loops.add(Work("watch-weeks", weeks.ask, LOOK_EVERY_S, ASK_EVERY_S, FORGET_AFTER_S, (SourceUnavailable,)))
    for probe in probes:
        loops.add(
            Work(
                "probe-availability",
                probe.ask,
                pause_s=_PROBE_EVERY_S,
                retry_s=_PROBE_EVERY_S,
                expected=(SourceUnavailable,),
            )
        )
    hosts = inner_hosts(settings, "monitoring")
    with serve_probes(settings.host, settings.monitoring_port, registry, lambda: True, loops.stalled, hosts):
        print(f"ready: monitoring http://{settings.host}:{settings.monitoring_port}/metrics", flush=True)
        loops.start()
        stop.wait()


def _probes(settings: Settings) -> list[AvailabilityProbe]:
    if not settings.probe_tenant:
        return []
    client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)
    shop = HttpShop.of(settings, client, settings.probe_tenant, settings.probe_item)
    return [AvailabilityProbe(shop, Clock(time.monotonic, time.sleep))]


def _sources(settings: Settings) -> list[Source]:
    client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)
    store = redis.Redis.from_url(settings.redis_login_url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)

    def connect_flink() -> httpx.Client:
        return httpx.Client(timeout=_TIMEOUT_S, trust_env=False, verify=flink_context(settings.flink_identity_file))

    return [
        FlinkRest(connect_flink, f"https://{settings.host_of('flink')}:{settings.flink_rest_port}"),
        KafkaOffsets(settings.kafka, TOPICS),
        RedisInfo(store),
        Disks({"state": settings.state_dir, "lake": settings.lake_dir}),
        RegistryHealth(client, settings.mlflow_uri),
        ConsistencyReports(settings.consistency_dir),
    ]
