"""The running service: ticks until told to stop."""

import logging
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
from prometheus_client import CollectorRegistry

from recommndr.release import SLOTS, ReleaseStore
from recommndr.settings import Settings
from recommndr.tenancy import Tenants
from recommndr_rollout.api import create_app
from recommndr_rollout.figures import NAMES, Figures, Standing, figures_of
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.http_server import served
from recommndr_rollout.metrics import Metrics
from recommndr_rollout.projections import tick
from recommndr_rollout.prometheus import Prometheus
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.slots import HttpSlots, Slots

_log = logging.getLogger(__name__)
_TIMEOUT_S = 1.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick every `release_poll_s` until `stop` is set."""
    metrics = Metrics(CollectorRegistry())
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

        stack.enter_context(served(create_app(figures, metrics.registry, ticked.is_set), settings.host, settings.rollout_port))
        while not stop.is_set():
            if _tick(store, slots, routes, metrics) and not ticked.is_set():
                ticked.set()
                print(f"ready: rollout {settings.routes_file}", flush=True)
            stop.wait(settings.release_poll_s)


def _tick(store: ReleaseStore, slots: Slots, routes: RoutesFile, metrics: Metrics) -> bool:
    try:
        done = tick(store, slots, routes)
    except OSError:
        # A full or vanished disk: what is applied stays applied, and the next tick tries again.
        _log.exception("tick failed")
        metrics.ticks.labels("failed").inc()
        return False
    metrics.ticks.labels("done").inc()
    metrics.tenants.set(done.n_tenants)
    metrics.waiting.set(done.n_waiting)
    if done.changed:
        metrics.routes_changed.inc()
        _log.info("routes of %d tenants replaced", done.n_tenants)
    return True
