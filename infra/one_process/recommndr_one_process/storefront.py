"""The storefront beside the API, on its own port and thread: the same pages and sessions as in the full installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

from recommndr.hosts import storefront_hosts
from recommndr.settings import Settings
from recommndr_http.operators import Operators
from recommndr_http.server import served
from recommndr_one_process.installation import now
from recommndr_storefront.app import Storefront, create_app
from recommndr_storefront.gate import PasswordGate
from recommndr_storefront.metrics import Metrics
from recommndr_storefront.operations import Operations
from recommndr_storefront.pages import Pages
from recommndr_storefront.sessions import Sessions
from recommndr_storefront.shops import shops_file
from recommndr_storefront.tokens import Tokens
from recommndr_storefront.visitors import Visitors

_TIMEOUT_S = 5.0


@contextmanager
def storefront(settings: Settings, pages: Pages, *, dev: bool) -> Iterator[None]:
    """Serve the pages while the context lasts; raises `OSError` if the port is taken."""
    edge = _client(f"http://{settings.host}:{settings.envoy_port}")
    visitors = Visitors(settings.server_keys_dir, now, secure=not dev)
    sessions = Sessions(
        shops_file(settings), Tokens(edge, settings.server_keys_dir), visitors, settings.envoy_url.rstrip("/"), dev
    )
    # Rollout's figures are not there: `/ops` says so.
    operations = Operations(_client(f"http://{settings.host_of('rollout')}:{settings.rollout_port}"))
    gate = PasswordGate(Operators(settings.operations_password))
    app = create_app(Storefront(pages, sessions, operations, gate, Metrics(CollectorRegistry())))
    with served(app, storefront_hosts(settings), settings.host, settings.storefront_port):
        yield


def pages_in(folder: Path) -> Pages | None:
    """The exported pages; None where there is no export."""
    return Pages(folder) if (folder / "index.html").is_file() else None


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, trust_env=False)
