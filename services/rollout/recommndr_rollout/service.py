"""The running service: ticks until told to stop."""

import logging
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
from prometheus_client import CollectorRegistry

from recommndr.release import SLOTS
from recommndr.settings import Settings
from recommndr.tenancy import Tenants
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_rollout.api import create_app
from recommndr_rollout.figures import NAMES, Figures, Standing, figures_of
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.http_server import served
from recommndr_rollout.metrics import Metrics
from recommndr_rollout.projections import Tick, tick
from recommndr_rollout.prometheus import Prometheus
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.slots import HttpSlots

_log = logging.getLogger(__name__)
_TIMEOUT_S = 1.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick every `release_poll_s` until `stop` is set."""
    metrics = Metrics(CollectorRegistry())
    loops = Loops(metrics.registry)
    policies = Tenants.from_yaml(settings.tenants_file.read_text()).tenants
    routes = RoutesFile(settings.routes_file, policies)
    store = FileReleaseStore(settings.releases_dir)
    urls = {slot: f"http://{settings.host_of(slot)}:{settings.slot_port(slot)}" for slot in SLOTS}
    ticked = threading.Event()
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=_TIMEOUT_S, trust_env=False))
        slots = HttpSlots(client, urls)
        prometheus = Prometheus(client, settings.prometheus_url)

        def figures() -> Figures:
            standing = Standing(datetime.now(UTC), list(store.load_all()), slots.loaded(), routes.applied())
            return figures_of(standing, prometheus.seen(NAMES))

        app = create_app(figures, metrics.registry, ticked.is_set, loops.stalled)
        stack.enter_context(served(app, settings.host, settings.rollout_port))

        def step() -> None:
            _note(tick(store, slots, routes), metrics)
            if not ticked.is_set():
                ticked.set()
                print(f"ready: rollout {settings.routes_file}", flush=True)

        # A full or vanished disk: what is applied stays applied, and the next tick tries again.
        loops.add(Work("routes", step, pause_s=settings.release_poll_s, retry_s=settings.release_poll_s)).run(stop)


def _note(done: Tick, metrics: Metrics) -> None:
    metrics.tenants.set(done.n_tenants)
    metrics.waiting.set(done.n_waiting)
    metrics.show_lost(done.lost)
    if done.changed:
        metrics.routes_changed.inc()
        _log.info("routes of %d tenants replaced", done.n_tenants)
