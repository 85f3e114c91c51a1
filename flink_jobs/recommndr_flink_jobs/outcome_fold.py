"""The fold of acts: a shopper's outcomes change, and the partials of the bucket with them.

Both are states of the same bucket and part of the same checkpoint, so a partial always agrees with its shoppers; the records
only overwrite its key. Within a message each state is read and written once.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from recommndr.identity import TenantId, entity_key, split_key
from recommndr.outcomes import shopper
from recommndr.outcomes.partial import Partial, PartialKey
from recommndr.outcomes.shopper import Change, Loan, ShopperOutcomes
from recommndr.topics import EVENTS, NOTES, OUTCOMES
from recommndr_flink_jobs import metrics, notes
from recommndr_flink_jobs.acts import ActAt
from recommndr_flink_jobs.buckets import bucket_of
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import Raw, dead_letter
from recommndr_flink_jobs.store import PARTIALS, SHOPPERS, Store

DEFAULT_WINDOW_S = 86_400.0


@dataclass(slots=True)
class Counted:
    """The result of a message's acts."""

    records: list[Record] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class OutcomeFolder:
    """Folds acts into a store; `windows_s` has the tenants' windows of a purchase after a click."""

    windows_s: Mapping[str, float]
    generation: int
    now: Callable[[], datetime]
    recent: RecentEntities

    def fold(self, acts: Sequence[ActAt], store: Store) -> Counted:
        """Fold the acts of one message; acts of a shopper whose state cannot be read or written become dead letters."""
        counted = Counted()
        by_shopper: dict[str, list[ActAt]] = defaultdict(list)
        for one in acts:
            by_shopper[one.key].append(one)
        changed: dict[bytes, Partial] = {}
        for key, of_shopper in by_shopper.items():
            tenant = split_key(key.encode())[0]
            try:
                changes, loans = self._take(tenant, key, of_shopper, store)
            except Exception as cause:  # one shopper must not stop the job, whatever is raised
                self._refuse(of_shopper, f"outcomes of {key!r}: {cause!r}", counted)
                continue
            counted.counts[metrics.ACTS] += len(of_shopper)
            counted.records += [
                Record(NOTES.name, entity_key(tenant, loan.guest_id), notes.of_loan(loan.act)) for loan in loans
            ]
            bucket = bucket_of("user", key) if changes else 0
            for change in changes:
                self._add(PartialKey(tenant, change.label, change.day, self.generation, bucket), change, changed, store)
        for record_key, partial in changed.items():
            value = partial.to_bytes()
            store.put(PARTIALS, record_key.decode(), value)
            counted.records.append(Record(OUTCOMES.name, record_key, value))
        return counted

    def _take(self, tenant: TenantId, key: str, acts: Sequence[ActAt], store: Store) -> tuple[list[Change], list[Loan]]:
        state = self.recent.get((SHOPPERS, key), lambda: _loaded(store.get(SHOPPERS, key)))
        window_s = self.windows_s.get(tenant, DEFAULT_WINDOW_S)
        try:
            changes: list[Change] = []
            loans: list[Loan] = []
            for one in acts:
                changes += state.take(one.act, window_s)
                loans += state.loans(one.act)
            store.put(SHOPPERS, key, shopper.to_bytes(state))
        except Exception:
            self.recent.forget((SHOPPERS, key))  # it may have taken some of the acts, and none is stored
            raise
        return changes, loans

    def _add(self, of: PartialKey, change: Change, changed: dict[bytes, Partial], store: Store) -> None:
        """Add a change to its partial; `fold` stores it with the others of the message."""
        key = of.to_bytes()
        partial = changed.get(key)
        if partial is None:
            partial = changed[key] = self.recent.get(
                (PARTIALS, key.decode()), lambda: _partial(store.get(PARTIALS, key.decode()))
            )
        partial.add(change)

    def _refuse(self, acts: Sequence[ActAt], reason: str, counted: Counted) -> None:
        """The act as JSON; the event's own bytes are in `events.v1`, at the position in the letter's key."""
        for one in acts:
            value = json.dumps(one.act).encode()
            raw = Raw(EVENTS.name, one.partition, one.offset, one.key.encode(), value, None, None)
            counted.records.append(dead_letter(raw, reason, self.now()))
            counted.counts[metrics.DEAD_LETTERS] += 1


def _loaded(stored: bytes | None) -> ShopperOutcomes:
    return ShopperOutcomes() if stored is None else shopper.from_bytes(stored)


def _partial(stored: bytes | None) -> Partial:
    return Partial() if stored is None else Partial.from_bytes(stored)
