"""Follows the release records: fetches, checks, loads and swaps in this slot's bundle of each tenant.

Level-triggered: every tick compares the records with the loaded bundles. If a bundle is refused or cannot be fetched, the slot
keeps serving the old one. A copy of each applied record is kept on disk, so that a slot that starts while the records or the
registry are unavailable serves the same versions as before.
"""

import logging
import math
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from recommndr.bundle import BundleRefused
from recommndr.identity import TenantId
from recommndr.release import Placement, Release, Slot
from recommndr.release_files import ReleaseFiles
from recommndr_background.work import Work
from recommndr_serving.bundle_quality import quality
from recommndr_serving.metrics import Metrics
from recommndr_serving.releases.bundle_fetch import BundleSource, BundleUnavailable
from recommndr_serving.releases.release_copies import ReleaseCopies
from recommndr_serving.tenant_slot import ServedBundle, TenantSlot

log = logging.getLogger(__name__)

# A refused bundle stays refused, but a damaged download is refused too, so a fresh copy is fetched once a minute.
_RETRY_REFUSED_S = 60.0
_RETRY_UNAVAILABLE_S = 5.0
# A first start fetches the bundles of all tenants one after another.
_STALLED_AFTER_S = 1_800.0

Load = Callable[[Path, TenantSlot, Placement], ServedBundle]


class Follower:
    """Brings one tenant at a time to the state of its release record."""

    def __init__(self, slot: Slot, source: BundleSource, load: Load, metrics: Metrics) -> None:
        self._slot = slot
        self._source = source
        self._load = load
        self._metrics = metrics
        self._not_before_s: dict[tuple[str, Placement], float] = {}

    def follow(self, tenant: TenantSlot, release: Release) -> bool:
        """Apply the record; returns whether the tenant now serves its version. Never raises for a bad bundle."""
        placement = release.placement(self._slot)
        if tenant.serving is None or tenant.serving.placement != placement:
            serving = self._obtain(tenant, placement)
            if serving is None:
                return False
            self._swap(tenant, serving)
        tenant.release = release
        if release.steps:
            self._metrics.release_moved.labels(tenant.tenant).set(release.steps[-1].at.timestamp())
        return True

    def _obtain(self, tenant: TenantSlot, placement: Placement) -> ServedBundle | None:
        key = (tenant.tenant, placement)
        if monotonic() < self._not_before_s.get(key, 0.0):
            return None
        try:
            loaded = self._load(self._source.fetch(tenant.tenant, placement), tenant, placement)
        except BundleRefused as cause:
            self._source.discard(placement)
            self._refused(tenant, placement, cause)
        except (BundleUnavailable, OSError) as cause:
            self._failed(key, "unavailable", cause, _RETRY_UNAVAILABLE_S)
        except Exception as cause:  # an unexpected error in one bundle must not stop the others
            log.exception(
                "tenant %s: bundle %s: unexpected error",
                tenant.tenant,
                placement.version,
            )
            self._refused(tenant, placement, cause)
        else:
            tenant.refused.pop(placement.version, None)
            return loaded
        return None

    def _refused(self, tenant: TenantSlot, placement: Placement, cause: Exception) -> None:
        tenant.refused[placement.version] = str(cause)
        self._failed((tenant.tenant, placement), "refused", cause, _RETRY_REFUSED_S)

    def _failed(self, key: tuple[TenantId, Placement], reason: str, cause: Exception, retry_s: float) -> None:
        tenant, placement = key
        self._not_before_s[key] = monotonic() + retry_s
        self._metrics.bundle_failures.labels(tenant, reason).inc()
        log.error("tenant %s: bundle %s %s: %s", tenant, placement.version, reason, cause)

    def _swap(self, tenant: TenantSlot, serving: ServedBundle) -> None:
        before, tenant.serving = tenant.serving, serving
        metrics, placement = self._metrics, serving.placement
        if before is not None:
            old = before.placement
            metrics.bundle_info.remove(tenant.tenant, old.version, str(old.model_version))
        metrics.bundle_info.labels(tenant.tenant, placement.version, str(placement.model_version)).set(1)
        metrics.bundle_since.labels(tenant.tenant).set(serving.since.timestamp())
        metrics.bundle_trained_until.labels(tenant.tenant).set(serving.manifest.training_data.until.timestamp())
        measured = quality(serving.manifest)
        metrics.bundle_quality.labels(tenant.tenant).set(math.nan if measured is None else measured.value)
        log.info("tenant %s: serves version %s (%s)", tenant.tenant, placement.model_version, placement.version)


class Releases:
    """Applies the records of all tenants again and again."""

    def __init__(
        self, follower: Follower, tenants: Mapping[TenantId, TenantSlot], records: ReleaseFiles, copies: ReleaseCopies
    ) -> None:
        self._follower = follower
        self._tenants = tenants
        self._records = records
        self._copies = copies
        self._kept: dict[TenantId, Release] = {}
        self._restored = False
        self._ready = threading.Event()

    @property
    def ready(self) -> bool:
        """Whether every record that was there at start has been tried."""
        return self._ready.is_set()

    def work(self, poll_s: float) -> Work:
        """For a background loop that looks at the records every `poll_s`."""
        return Work("releases", self.step, pause_s=poll_s, retry_s=poll_s, stalled_after_s=_STALLED_AFTER_S)

    def step(self) -> None:
        """Apply new records; the first step applies the copies of what this slot served last."""
        try:
            if not self._restored:
                self._restored = True
                self.restore()
            self.tick()
        finally:
            self._ready.set()

    def tick(self) -> None:
        """Apply new records and keep a copy of each; then raises the last `OSError` of a copy."""
        not_kept: OSError | None = None
        for release in self._records.load_all():
            tenant = self._tenants.get(release.tenant)
            if tenant is None or (tenant.release != release and not self._follower.follow(tenant, release)):
                continue
            try:
                self._keep(release)
            except OSError as cause:  # a full disk must not stop releases
                not_kept = cause
        if not_kept is not None:
            raise not_kept

    def restore(self) -> None:
        """Apply the copies of the records that this slot served last."""
        for release in self._copies.load_all():
            tenant = self._tenants.get(release.tenant)
            if tenant is not None:
                self._follower.follow(tenant, release)

    def _keep(self, release: Release) -> None:
        if self._kept.get(release.tenant) != release:
            self._copies.keep(release)
            self._kept[release.tenant] = release
