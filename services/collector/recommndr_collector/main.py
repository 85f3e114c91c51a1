"""Starts the collector: `recommndr-collector`, configured by `RECOMMNDR_…` variables."""

import argparse
import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import uvicorn
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.shopper_token import TokenKeys, TokenSigner
from recommndr.tenancy import Tenants
from recommndr_collector.app import create_app
from recommndr_collector.gate import Gate
from recommndr_collector.kafka_log import KafkaEventLog
from recommndr_collector.metrics import Metrics

_SERVICE = "collector"


def main() -> None:
    """Serve until SIGTERM; what was enqueued by then is still sent."""
    argparse.ArgumentParser(prog="recommndr-collector", description=__doc__).parse_args()
    settings = load(os.environ)
    log_json_lines(_SERVICE)
    tenants = Tenants.from_yaml(settings.tenants_file.read_text())
    app = create_app(lambda: _open_gate(settings), tenants)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.collector_port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


@contextlib.asynccontextmanager
async def _open_gate(settings: Settings) -> AsyncIterator[Gate]:
    tokens = _tokens(settings)
    log = KafkaEventLog(settings.kafka_bootstrap, (topics.EVENTS.name, topics.CATALOG.name, topics.AVAILABILITY.name))
    metrics = Metrics(CollectorRegistry())
    metrics.in_flight.set_function(lambda: log.n_in_flight)
    connecting = asyncio.create_task(_connect(log, settings))
    try:
        yield Gate(log, lambda: datetime.now(UTC), _attribution_keys(settings), metrics, *tokens)
    finally:
        connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await connecting
        await log.close()


async def _connect(log: KafkaEventLog, settings: Settings) -> None:
    await log.connect()
    print(f"ready: {_SERVICE} {settings.collector_url}", flush=True)


def _attribution_keys(settings: Settings) -> dict[str, bytes]:
    key = settings.attribution_key.get_secret_value()
    return {settings.attribution_key_id: key.encode()} if key else {}


def _tokens(settings: Settings) -> tuple[TokenKeys, TokenSigner | None]:
    path, pem = settings.jwks_file, settings.token_key.get_secret_value()
    keys = TokenKeys.of_file(path)
    signer = TokenSigner(pem) if pem else None
    if signer is not None and signer.key_id not in keys:
        raise ValueError(f"token_key: its public key {signer.key_id} is not in {path}, so nobody would accept its tokens")
    return keys, signer
