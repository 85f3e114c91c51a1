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
from recommndr.settings import Settings, load
from recommndr_http.operators import Operators, basic_login
from recommndr_http.server import serve, served
from recommndr_storefront.app import Storefront, create_app, create_metrics_app
from recommndr_storefront.gate import PasswordGate
from recommndr_storefront.identity_provider import Client, IdentityProvider
from recommndr_storefront.metrics import Metrics
from recommndr_storefront.operations import Operations
from recommndr_storefront.operator_sessions import OperatorSessions
from recommndr_storefront.pages import NoExport, Pages
from recommndr_storefront.sessions import Sessions
from recommndr_storefront.shops import shops_file
from recommndr_storefront.sign_in import Membership, SignIn
from recommndr_storefront.tokens import Tokens
from recommndr_storefront.visitors import Visitors

_SERVICE = "storefront"
_TIMEOUT_S = 5.0
_MIN_SECRET = 16


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
    visitors = Visitors(settings.server_keys_dir, _now, secure=not told.dev)
    sessions = Sessions(shops_file(settings), tokens, visitors, settings.envoy_url.rstrip("/"), told.dev)
    sign_in = _sign_in(settings, secure=not told.dev)
    gate = sign_in or PasswordGate(Operators(settings.operations_password))
    storefront = Storefront(pages, sessions, operations, gate, Metrics(CollectorRegistry()))
    measured, metrics_port = create_metrics_app(storefront), settings.storefront_metrics_port
    with served(measured, inner_hosts(settings, _SERVICE), settings.host, metrics_port):
        serve(create_app(storefront, sign_in), storefront_hosts(settings), settings.host, settings.storefront_port)


def _sign_in(settings: Settings, *, secure: bool) -> SignIn | None:
    """The identity provider's, where one is set."""
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    if len(secret) < _MIN_SECRET or not settings.operations_password.get_secret_value():
        raise SystemExit(
            "recommndr-storefront: RECOMMNDR_OIDC_ISSUER is set: expected a RECOMMNDR_OIDC_CLIENT_SECRET of at least "
            f"{_MIN_SECRET} characters, and RECOMMNDR_OPERATIONS_PASSWORD, with which the storefront asks rollout"
        )
    client = Client(settings.oidc_client_id, secret, settings.oidc_redirect_url)
    http = httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)  # it may be behind the company's proxy
    provider = IdentityProvider(settings.oidc_issuer, client, http, _now, settings.oidc_scopes)
    membership = Membership(settings.oidc_operator_group, settings.oidc_groups_claim, settings.oidc_name_claim)
    login = basic_login(settings.operations_password.get_secret_value())
    return SignIn(provider, membership, OperatorSessions(secret, _now, secure), login)


def _now() -> datetime:
    return datetime.now(UTC)


def _client(url: str, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, trust_env=False, verify=verify)
