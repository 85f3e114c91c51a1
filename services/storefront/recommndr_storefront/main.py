"""Starts the storefront: `recommndr-storefront`, configured by `RECOMMNDR_…` variables."""

import argparse
import logging
import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

from recommndr.hosts import inner_hosts, storefront_hosts
from recommndr.log_lines import log_json_lines
from recommndr.settings import load
from recommndr_http.operators import Operators
from recommndr_http.server import serve, served
from recommndr_storefront.app import Storefront, create_app, create_metrics_app
from recommndr_storefront.metrics import Metrics
from recommndr_storefront.operations import Operations
from recommndr_storefront.pages import NoExport, Pages
from recommndr_storefront.sessions import Sessions
from recommndr_storefront.shops import shops_file
from recommndr_storefront.tokens import Tokens
from recommndr_storefront.visitors import Visitors

_SERVICE = "storefront"
_TIMEOUT_S = 5.0


def main() -> None:
    """Serve until SIGTERM."""
    arguments = argparse.ArgumentParser(prog="recommndr-storefront", description=__doc__)
    arguments.add_argument("--pages", type=Path, default=Path("frontend/out"), help="folder of the exported pages")
    arguments.add_argument(
        "--dev", action="store_true", help="for development: visitors may act as any shopper in the shops file, without a login"
    )
    told = arguments.parse_args()
    settings = load(os.environ)
    log_json_lines(_SERVICE)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines report every request
    try:
        pages = Pages(told.pages)
    except NoExport as missing:
        raise SystemExit(f"recommndr-storefront: {missing}") from None
    edge = _client(f"{settings.edge_scheme}://{settings.host_of('envoy')}:{settings.envoy_port}", settings.edge_trust())
    tokens = Tokens(edge, settings.server_keys_dir)
    operations = Operations(_client(f"http://{settings.host_of('rollout')}:{settings.rollout_port}"))
    # Without TLS, browsers send secure cookies only to names of this machine, where development happens.
    visitors = Visitors(settings.server_keys_dir, lambda: datetime.now(UTC), secure=not told.dev)
    sessions = Sessions(shops_file(settings), tokens, visitors, settings.envoy_url.rstrip("/"), told.dev)
    operators = Operators(settings.operations_password)
    storefront = Storefront(pages, sessions, operations, operators, Metrics(CollectorRegistry()))
    measured, metrics_port = create_metrics_app(storefront), settings.storefront_metrics_port
    with served(measured, inner_hosts(settings, _SERVICE), settings.host, metrics_port):
        serve(create_app(storefront), storefront_hosts(settings), settings.host, settings.storefront_port)


def _client(url: str, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, trust_env=False, verify=verify)
