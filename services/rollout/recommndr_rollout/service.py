"""The running service: ticks until told to stop."""

import logging
import threading

import httpx
from prometheus_client import CollectorRegistry

from recommndr.release import ReleaseStore
from recommndr.settings import Settings
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.metrics import Metrics
from recommndr_rollout.projections import tick
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.slots import HttpSlots, Slots
from recommndr_tail.probes import serve_probes

_log = logging.getLogger(__name__)
_SLOT_TIMEOUT_S = 1.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick every `release_poll_s` until `stop` is set."""
    metrics = Metrics(CollectorRegistry())
    routes = RoutesFile(settings.routes_file)
    store = FileReleaseStore(settings.releases_dir)
    urls = {"blue": f"http://{settings.host}:{settings.blue_port}", "green": f"http://{settings.host}:{settings.green_port}"}
    ticked = threading.Event()
    with (
        httpx.Client(timeout=_SLOT_TIMEOUT_S, trust_env=False) as client,
        serve_probes(settings.host, settings.rollout_port, metrics.registry, ticked.is_set),
    ):
        slots = HttpSlots(client, urls)  # type: ignore[arg-type]  # the keys are the slots
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
