"""One shop's business rules in a slot, compiled when they, the instant or the catalogue ask for it."""

from dataclasses import dataclass

from recommndr.business_rules import RuleBook
from recommndr.identity import TenantId
from recommndr_engine.live_items import LiveItems
from recommndr_engine.rules_in_force import NO_RULES, RulesInForce


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Rules over the items as they were, valid from one instant to another."""

    book: RuleBook
    n_catalogue_changes: int
    from_s: float
    until_s: float
    rules: RulesInForce


class TenantRules:
    """The newest rules that the slot has read; one thread writes them and another reads."""

    def __init__(self, tenant: TenantId, live: LiveItems) -> None:
        self.book = RuleBook(tenant=tenant)  # replaced as a whole
        self._live = live
        self._compiled: _Compiled | None = None

    def in_force(self, now_s: float) -> RulesInForce:
        """The rules that hold at this instant."""
        book, n_changes = self.book, self._live.n_catalogue_changes  # before the items are read, so that no change is missed
        if not book.rules:
            return NO_RULES
        known = self._compiled
        if known is None or known.book is not book or known.n_catalogue_changes != n_changes:
            known = None
        if known is None or not known.from_s <= now_s < known.until_s:
            rules = RulesInForce.of((one for one in book.rules if one.holds_at(now_s)), self._live)
            known = self._compiled = _Compiled(book, n_changes, now_s, book.next_change_s(now_s), rules)
        return known.rules
