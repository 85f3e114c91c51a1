"""Changes of a shop's business rules: written to the audit log and to the record, and taken up by this slot at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from recommndr.audit_log import AuditLog
from recommndr.business_rules import Rule, RuleBook, SetRule
from recommndr.release import StaleRecord
from recommndr.rule_files import RuleFiles
from recommndr_serving.tenant_slot import TenantSlot

_TRIES = 5


class NoSuchRule(LookupError):
    """The shop has no rule of this id."""


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """Writes records; its methods block on the disk."""

    records: RuleFiles
    audit: AuditLog
    now: Callable[[], datetime]

    def set(self, tenant: TenantSlot, rule_id: str, rule: Rule, by: str) -> SetRule:
        """Set a rule, or replace the one of this id. Raises `TooManyRules`, `StaleRecord`, `OSError` or `ValueError`."""
        wanted = SetRule(rule_id=rule_id, rule=rule, set_by=by, set_at=self.now())
        said = rule.model_dump(mode="json", exclude_defaults=True)
        self._change(tenant, lambda book: book.with_rule(wanted), by, "rule.set", rule_id=rule_id, **said)
        return wanted

    def remove(self, tenant: TenantSlot, rule_id: str, by: str) -> None:
        """Remove a rule. Raises `NoSuchRule`, `StaleRecord`, `OSError` or `ValueError`."""

        def without(book: RuleBook) -> RuleBook:
            if book.of(rule_id) is None:
                raise NoSuchRule(rule_id)
            return book.without(rule_id)

        self._change(tenant, without, by, "rule.remove", rule_id=rule_id)

    def _change(self, tenant: TenantSlot, change: Callable[[RuleBook], RuleBook], by: str, act: str, **what: object) -> None:
        for left in reversed(range(_TRIES)):
            wanted = change(self.records.load(tenant.tenant) or RuleBook(tenant=tenant.tenant))
            if left == _TRIES - 1:  # before the change, so that no change is missing there
                self.audit.write(by, act, tenant.tenant, **what)
            try:
                tenant.rules.book = self.records.save(wanted)
            except StaleRecord:
                if not left:
                    raise
            else:
                return
