"""Serves an installation's shops until SIGTERM: the API, and the storefront's pages where they are built."""

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import faiss
from threadpoolctl import threadpool_limits

from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings
from recommndr_http.server import serve
from recommndr_one_process.app import OneProcess
from recommndr_one_process.database import Database
from recommndr_one_process.edge import Callers
from recommndr_one_process.installation import Keys, now, open_installation
from recommndr_one_process.storefront import pages_in, storefront

# A thread that folds holds the interpreter at most this long while a request waits; 5 ms is Python's default.
_SWITCH_INTERVAL_S = 0.0005
_SHUTDOWN_S = 10


def serve_shops(settings: Settings, database: Database, pages_folder: Path, *, dev: bool = False) -> None:
    """Serve; prints `ready:` with the addresses when every part is."""
    log_json_lines("one-process")
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    faiss.omp_set_num_threads(1)  # more threads in libraries would take time from the fold
    keys, pages = Keys.of(settings), pages_in(pages_folder)
    parts, tell = partial(open_installation, settings, database, keys), partial(_tell, settings, pages is not None)
    app = OneProcess(parts, keys.tenants(), Callers(keys.tenants, keys.token_keys, now), tell)
    beside = nullcontext() if pages is None else storefront(settings, pages, dev=dev)
    with threadpool_limits(1), beside:
        # As at Envoy any name reaches the API, which needs a credential; inner paths are refused for foreign names.
        serve(app, ["*"], settings.host, settings.envoy_port, shutdown_s=_SHUTDOWN_S)


def _tell(settings: Settings, has_pages: bool) -> None:
    addresses = f"API {settings.envoy_url}"
    if has_pages:
        addresses += f", storefront http://{settings.host}:{settings.storefront_port}"
    print(f"ready: {addresses}, keys in {settings.server_keys_dir}", flush=True)
