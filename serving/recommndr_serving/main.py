"""Starts a slot: `recommndr-serving --slot blue|green`, configured by `RECOMMNDR_…` variables."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import get_args

import faiss
from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from recommndr.attribution_keys import AttributionKeys
from recommndr.audit_log import AuditLog
from recommndr.hosts import inner_hosts
from recommndr.log_lines import log_json_lines
from recommndr.release import Slot as SlotName
from recommndr.release_files import ReleaseFiles
from recommndr.rule_files import RuleFiles
from recommndr.settings import Settings, load
from recommndr.shopper_token import NO_KEYS, TokenKeys
from recommndr.tenancy import Tenants
from recommndr.watched_file import WatchedFile, refresh, watched_secret
from recommndr_background.loops import Loops
from recommndr_background.traces import tracer_of
from recommndr_background.work import Work
from recommndr_http.credential import Credentials
from recommndr_http.server import serve
from recommndr_serving.http.api import OpenSlot, create_app
from recommndr_serving.live.breaker import BreakerUserRows
from recommndr_serving.live.item_records import TAILED
from recommndr_serving.live.item_tables import apply
from recommndr_serving.live.kafka_served import KafkaServedLog
from recommndr_serving.live.redis_user_rows import RedisUserRows
from recommndr_serving.live.tails import Tails
from recommndr_serving.metrics import Metrics
from recommndr_serving.releases.bundle_fetch import RegistryBundles
from recommndr_serving.releases.bundle_load import load_bundle
from recommndr_serving.releases.follower import Follower, Releases
from recommndr_serving.releases.release_copies import ReleaseCopies
from recommndr_serving.rules.changes import RuleChanges
from recommndr_serving.rules.follower import RulesFollower
from recommndr_serving.slot import Signer, Slot
from recommndr_serving.tenant_slot import TenantSlot

_SERVICE = "serving"
_READY_POLL_S = 0.1
# A thread that decodes records holds the interpreter at most this long while a request waits; 5 ms is Python's default.
_SWITCH_INTERVAL_S = 0.0005


def main(create: Callable[[OpenSlot], FastAPI] = create_app) -> None:
    """Serve until SIGTERM the application that `create` makes of a slot."""
    parser = argparse.ArgumentParser(prog="recommndr-serving", description=__doc__)
    parser.add_argument("--slot", required=True, choices=get_args(SlotName), help="name of this serving process")
    name: SlotName = parser.parse_args().slot
    settings = load(os.environ)
    log_json_lines(f"{_SERVICE}-{name}")
    # Its warnings report that decoding a large fetch took 0.1 s, which is harmless on a background thread.
    logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    # One core per request: more threads in libraries would take time from the other slot and from Flink.
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        app = create(partial(open_slot, name, settings))
        serve(app, inner_hosts(settings, name), settings.host, settings.slot_port(name), shutdown_s=5)


@contextlib.asynccontextmanager
async def open_slot(name: SlotName, settings: Settings) -> AsyncIterator[Slot]:
    """Open a slot; its threads run until the context ends. `awaited` names what is not ready yet."""
    tenants_file = WatchedFile(settings.tenants_file, Tenants.from_yaml)
    jwks_file = WatchedFile(settings.jwks_file, TokenKeys.from_json, missing=NO_KEYS)
    # Policies are read once at start; keys are read again when the file changes.
    tenants = {tenant: TenantSlot(tenant, policy) for tenant, policy in tenants_file().tenants.items()}
    metrics = Metrics()
    metrics.expect(tenants, TAILED)
    user_rows = BreakerUserRows(RedisUserRows.open(settings), time.monotonic)
    tails = Tails(settings.kafka, partial(apply, tenants), metrics)
    served = KafkaServedLog(settings.kafka, metrics)
    bundles = RegistryBundles(settings.mlflow_uri, settings.state_dir / "bundles")
    releases = Releases(
        Follower(name, bundles, partial(load_bundle, now=_now), metrics),
        tenants,
        ReleaseFiles(settings.releases_dir),
        ReleaseCopies(settings.state_dir / "slots" / name),
    )
    rules = RulesFollower(
        tenants, RuleFiles(settings.rules_dir), RuleFiles(settings.state_dir / "slots" / name / "rules"), metrics, _now
    )
    rules.restore()
    loops = Loops(metrics.registry)
    attribution = watched_secret(
        settings, "attribution_key", partial(AttributionKeys.from_text, first_id=settings.attribution_key_id)
    )
    keys = Work(
        "keys", refresh(tenants_file, jwks_file, attribution), pause_s=settings.keys_poll_s, retry_s=settings.keys_poll_s
    )
    for work in (tails.work, served.work, releases.work(settings.release_poll_s), rules.work(settings.release_poll_s), keys):
        loops.add(work)
    awaited = partial(_awaited, tails, releases)
    credentials = Credentials(tenants_file, jwks_file, _now)
    tracer = tracer_of(settings.otlp_url, settings.trace_share, f"recommndr-{_SERVICE}-{name}")
    loops.start()
    announcing = asyncio.create_task(_announce(name, settings, tails, releases))
    try:
        yield Slot(
            name, credentials, tenants, user_rows, served, _now,
            RuleChanges(RuleFiles(settings.rules_dir), AuditLog(settings.audit_file), _now), metrics, Signer(attribution),
            tracer, settings.code, awaited, loops.stalled,
        )  # fmt: skip
    finally:
        announcing.cancel()
        await asyncio.to_thread(loops.stop)
        await user_rows.close()
        await asyncio.to_thread(tracer.close)


async def _announce(name: SlotName, settings: Settings, tails: Tails, releases: Releases) -> None:
    while _awaited(tails, releases):  # noqa: ASYNC110 - threads set these states, so there is no event to await
        await asyncio.sleep(_READY_POLL_S)
    # Objects loaded at start stay until the end: freeze them, so that garbage collection does not scan them during requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    print(f"ready: {_SERVICE} {name} http://{settings.host}:{settings.slot_port(name)}", flush=True)


def _awaited(tails: Tails, releases: Releases) -> list[str]:
    return [what for what, ready in (("tails", tails.ready), ("releases", releases.ready)) if not ready]


def _now() -> datetime:
    return datetime.now(UTC)
