"""Starts the collector: `recommndr-collector`, configured by `RECOMMNDR_…` variables."""

import argparse
import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.attribution_keys import AttributionKeys
from recommndr.audit_log import AuditLog
from recommndr.hosts import inner_hosts
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.shopper_token import NO_KEYS, TokenKeys, TokenSigner
from recommndr.tenancy import Tenants
from recommndr.watched_file import WatchedFile, refresh, watched_secret
from recommndr_background.loops import Loops
from recommndr_background.traces import tracer_of
from recommndr_background.work import Work
from recommndr_collector.app import create_app
from recommndr_collector.catalogue_tail import CatalogueTail
from recommndr_collector.gate import Gate
from recommndr_collector.kafka_log import KafkaEventLog
from recommndr_collector.metrics import Metrics
from recommndr_collector.unknown_items import UnknownItems
from recommndr_http.credential import Credentials
from recommndr_http.server import serve

_SERVICE = "collector"


def main() -> None:
    """Serve until SIGTERM; records enqueued by then are still sent."""
    argparse.ArgumentParser(prog="recommndr-collector", description=__doc__).parse_args()
    settings = load(os.environ)
    log_json_lines(_SERVICE)
    tenants_file = WatchedFile(settings.tenants_file, Tenants.from_yaml)
    # Policies are read once at start; keys are read again when the file changes.
    collector = create_app(lambda: _open_gate(settings, tenants_file), tenants_file())
    serve(collector, inner_hosts(settings, _SERVICE), settings.host, settings.collector_port, shutdown_s=10)


@contextlib.asynccontextmanager
async def _open_gate(settings: Settings, tenants_file: WatchedFile[Tenants]) -> AsyncIterator[Gate]:
    jwks_file = WatchedFile(settings.jwks_file, TokenKeys.from_json, missing=NO_KEYS)
    attribution = watched_secret(
        settings, "attribution_key", partial(AttributionKeys.from_text, first_id=settings.attribution_key_id)
    )
    signer = watched_secret(settings, "token_key", partial(_signer, accepted=jwks_file))
    credentials = Credentials(tenants_file, jwks_file, _now)
    log = KafkaEventLog(settings.kafka, (topics.EVENTS.name, topics.CATALOG.name, topics.AVAILABILITY.name))
    metrics, unknown_items = Metrics(CollectorRegistry()), UnknownItems()
    metrics.in_flight.set_function(lambda: log.in_flight.n_records)
    metrics.in_flight_bytes.set_function(lambda: log.in_flight.n_bytes)
    for tenant in tenants_file().tenants:
        metrics.tenant_in_flight_bytes.labels(tenant).set_function(partial(log.in_flight.bytes_of, tenant))
        metrics.unknown_items.labels(tenant).set_function(partial(unknown_items.n_of, tenant))
    catalogue, loops = CatalogueTail(settings.kafka), Loops(metrics.registry)
    loops.add(catalogue.work)
    keys = Work(
        "keys",
        refresh(tenants_file, jwks_file, attribution, signer),
        pause_s=settings.keys_poll_s,
        retry_s=settings.keys_poll_s,
    )
    loops.add(keys)
    loops.start()
    tracer = tracer_of(settings.otlp_url, settings.trace_share, f"recommndr-{_SERVICE}")
    connecting = asyncio.create_task(_connect(log, settings))
    try:
        yield Gate(
            log,
            credentials,
            _now,
            lambda: attribution().by_id,
            metrics,
            catalogue,
            signer,
            unknown_items=unknown_items,
            stalled=loops.stalled,
            audit=AuditLog(settings.audit_file),
            tracer=tracer,
        )
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await asyncio.to_thread(loops.stop)
        await log.close()
        await asyncio.to_thread(tracer.close)


async def _connect(log: KafkaEventLog, settings: Settings) -> None:
    await log.connect()
    # Objects loaded at start stay until the end: a full collection would scan them and hold the loop for 100 ms.
    gc.collect()
    gc.freeze()
    print(f"ready: {_SERVICE} {settings.collector_url}", flush=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _signer(pem: str, accepted: WatchedFile[TokenKeys]) -> TokenSigner | None:
    signer = TokenSigner(pem) if pem.strip() else None
    accepted.refresh()
    if signer is not None and signer.key_id not in accepted():
        raise ValueError(
            f"token_key: its public key {signer.key_id} is not in {accepted.path}, so no service would accept its tokens; "
            "add it there"
        )
    return signer
