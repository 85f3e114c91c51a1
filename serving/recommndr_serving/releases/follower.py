"""Follows the release records: what this slot must hold of each tenant is fetched, checked, loaded and swapped in.

Level-triggered: every tick compares the records with what is loaded. A bundle that is refused or cannot be had changes nothing:
the slot goes on with what it has. A copy of each record that was put to work stays on disk, so that a slot that starts while
the records or the registry are away serves what it served last.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from recommndr.bundle import BundleRefused
from recommndr.identity import TenantId
from recommndr.release import Placement, Release, Slot
from recommndr_serving.metrics import Metrics
from recommndr_serving.releases.bundle_fetch import BundleSource, BundleUnavailable
from recommndr_serving.releases.release_reader import ReleaseCopies, ReleaseReader
from recommndr_serving.tenant_slot import Serving, TenantSlot

log = logging.getLogger(__name__)

# A refused bundle stays refused, but a broken download is refused too: one fresh copy a minute costs nothing.
_RETRY_REFUSED_S = 60.0
_RETRY_UNAVAILABLE_S = 5.0

Load = Callable[[Path, TenantSlot, Placement], Serving]


class Follower:
    """Brings tenants to what a release record says, one at a time."""

    def __init__(self, slot: Slot, source: BundleSource, load: Load, metrics: Metrics) -> None:
        self._slot = slot
        self._source = source
        self._load = load
        self._metrics = metrics
        self._not_before_s: dict[tuple[str, Placement], float] = {}

    def follow(self, tenant: TenantSlot, release: Release) -> bool:
        """Put the record to work; whether the tenant now holds what it says. Never raises for a bundle that is no good."""
        placement = release.placement(self._slot)
        if placement is not None and (tenant.serving is None or tenant.serving.placement != placement):
            serving = self._obtain(tenant, placement)
            if serving is None:
                return False
            self._swap(tenant, serving)
        tenant.release = release
        return True

    def _obtain(self, tenant: TenantSlot, placement: Placement) -> Serving | None:
        key = (tenant.tenant, placement)
        if monotonic() < self._not_before_s.get(key, 0.0):
            return None
        try:
            return self._load(self._source.fetch(tenant.tenant, placement), tenant, placement)
        except BundleRefused as cause:
            self._source.discard(placement)
            self._failed(key, "refused", cause, _RETRY_REFUSED_S)
        except (BundleUnavailable, OSError) as cause:
            self._failed(key, "unavailable", cause, _RETRY_UNAVAILABLE_S)
        return None

    def _failed(self, key: tuple[TenantId, Placement], reason: str, cause: Exception, retry_s: float) -> None:
        tenant, placement = key
        self._not_before_s[key] = monotonic() + retry_s
        self._metrics.bundle_failures.labels(tenant, reason).inc()
        log.error("tenant %s: bundle %s %s: %s", tenant, placement.version, reason, cause)

    def _swap(self, tenant: TenantSlot, serving: Serving) -> None:
        before, tenant.serving = tenant.serving, serving
        metrics, placement = self._metrics, serving.placement
        if before is not None:
            old = before.placement
            metrics.bundle_info.remove(tenant.tenant, old.version, str(old.model_version))
        metrics.bundle_info.labels(tenant.tenant, placement.version, str(placement.model_version)).set(1)
        metrics.bundle_since.labels(tenant.tenant).set(serving.since.timestamp())
        metrics.bundle_trained_until.labels(tenant.tenant).set(serving.manifest.training_data.until.timestamp())
        log.info("tenant %s: serves version %s (%s)", tenant.tenant, placement.model_version, placement.version)


class ReleasesThread:
    """Ticks a `Follower` over all records every `poll_s`, for ever, on a thread of its own."""

    def __init__(
        self,
        follower: Follower,
        tenants: Mapping[TenantId, TenantSlot],
        records: ReleaseReader,
        copies: ReleaseCopies,
        poll_s: float,
    ) -> None:
        self._follower = follower
        self._tenants = tenants
        self._records = records
        self._copies = copies
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="releases", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether every record that was there at start has been tried."""
        return self._ready.is_set()

    def start(self) -> None:
        """Begin following; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread; blocks until it has ended or `timeout_s` passed."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def tick(self) -> None:
        """Put every record to work that is not yet, and keep a copy of it."""
        for release in self._records.load_all():
            tenant = self._tenants.get(release.tenant)
            if tenant is None or tenant.release == release:
                continue
            if self._follower.follow(tenant, release):
                self._copies.keep(release)

    def restore(self) -> None:
        """Put the copies to work: what this slot served last."""
        for release in self._copies.load_all():
            tenant = self._tenants.get(release.tenant)
            if tenant is not None:
                self._follower.follow(tenant, release)

    def _run(self) -> None:
        self._guarded(self.restore)
        while not self._stopping.is_set():
            self._guarded(self.tick)
            self._ready.set()
            self._stopping.wait(self._poll_s)

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as cause:
            log.warning("releases: %s; trying again", cause)
