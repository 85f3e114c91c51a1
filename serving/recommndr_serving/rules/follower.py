"""Follows the records of the shops' business rules, as the slot follows the release records.

Level-triggered: every tick compares the records with what was read. While a record cannot be read, the last known rules hold; a
copy of each is kept on disk, so that a slot that starts while the records are away has them too.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from recommndr.business_rules import KINDS
from recommndr.identity import TenantId
from recommndr.rule_files import RuleFiles
from recommndr_background.work import Work
from recommndr_serving.metrics import Metrics
from recommndr_serving.tenant_slot import TenantSlot

log = logging.getLogger(__name__)


class RulesFollower:
    """Brings every shop of the slot to the state of its record."""

    def __init__(
        self,
        tenants: Mapping[TenantId, TenantSlot],
        records: RuleFiles,
        copies: RuleFiles,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._tenants, self._records, self._copies = tenants, records, copies
        self._metrics, self._now = metrics, now
        self._stamps: dict[TenantId, tuple[int, int] | None] = {}
        self._unreadable: dict[TenantId, str] = {}  # why, by tenant

    def work(self, poll_s: float) -> Work:
        """For a background loop that looks at the records every `poll_s`."""
        return Work("rules", self.step, pause_s=poll_s, retry_s=poll_s)

    def restore(self) -> None:
        """Take the copies of what this slot had last, then the records; call it before the first answer."""
        for name, tenant in self._tenants.items():
            try:
                kept = self._copies.load(name)
            except (ValueError, OSError) as cause:
                log.warning("tenant %s: the copy of its rules cannot be read: %s", name, cause)
            else:
                tenant.rules.book = tenant.rules.book if kept is None else kept
        self.step()

    def step(self) -> None:
        """Take changed records and keep copies; raises the last `OSError` of a copy."""
        not_kept: OSError | None = None
        for name, tenant in self._tenants.items():
            if self._take(name, tenant):
                try:
                    self._copies.keep(tenant.rules.book)
                except OSError as cause:  # a full disk must not stop rules
                    not_kept = cause
            self._show(name, tenant)
        if not_kept is not None:
            raise not_kept

    def _take(self, name: TenantId, tenant: TenantSlot) -> bool:
        """Whether the record changed. A missing one says nothing: it may be away, and one without rules is not missing."""
        try:
            stamp = self._records.stamp(name)
            if stamp is None or stamp == self._stamps.get(name):
                return False
            book = self._records.load(name)
        except (ValueError, OSError) as cause:
            if self._unreadable.get(name) != str(cause):  # it is read every second, so it is logged once
                log.warning("tenant %s: its rules cannot be read, the last known ones hold: %s", name, cause)
            self._unreadable[name] = str(cause)
            return False
        self._unreadable.pop(name, None)
        self._stamps[name] = stamp
        if book is None or book == tenant.rules.book:
            return False
        tenant.rules.book = book
        log.info("tenant %s: %d rules, record %d", name, len(book.rules), book.record_version)
        return True

    def _show(self, name: TenantId, tenant: TenantSlot) -> None:
        now_s = self._now().timestamp()
        kinds = [one.rule.kind for one in tenant.rules.book.rules if one.holds_at(now_s)]
        for kind in KINDS:
            self._metrics.rules.labels(name, kind).set(kinds.count(kind))
