"""Gate: the objects that all routes of one collector share."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from recommndr.audit_log import AuditLog
from recommndr.caller import Caller
from recommndr.shopper_token import TokenSigner
from recommndr_background.traces import NO_TRACES, TRACEPARENT, Tracer
from recommndr_collector.budget import EventBudget
from recommndr_collector.catalogue_view import CatalogueView
from recommndr_collector.doubts import Doubts
from recommndr_collector.event_log import EventLog, NotAcknowledged, Reason, Record, RecordTooLarge
from recommndr_collector.metrics import Metrics
from recommndr_collector.quota import Quota
from recommndr_collector.turns import Turns
from recommndr_collector.unknown_items import UnknownItems
from recommndr_http.credential import Credentials
from recommndr_http.problem import Problem

_log = logging.getLogger(__name__)

_TOLD: Mapping[Reason, str] = {
    "disconnected": "the event log cannot be reached",
    "not_acknowledged": "the event log did not acknowledge it",
    "overloaded": "too many events wait for the event log",
    "share_used": "too many events of this shop wait for the event log; send fewer at once",
}


@dataclass(frozen=True)
class Gate:
    """The event log, catalogue view, clock, keys and metrics of one collector."""

    log: EventLog
    credentials: Credentials
    now: Callable[[], datetime]
    attribution_keys: Callable[[], Mapping[str, bytes]]
    metrics: Metrics
    catalogue: CatalogueView
    token_signer: Callable[[], TokenSigner | None] = lambda: None  # None: no tokens are issued
    budget: EventBudget = field(default_factory=EventBudget)
    doubts: Doubts = field(default_factory=Doubts)
    events_quota: Quota = field(default_factory=Quota)
    lines_quota: Quota = field(default_factory=Quota)
    unknown_items: UnknownItems = field(default_factory=UnknownItems)
    turns: Turns = field(default_factory=Turns)
    stalled: Callable[[], list[str]] = list  # names of stalled background loops
    audit: AuditLog | None = None  # None: nothing is written
    tracer: Tracer = NO_TRACES

    async def write(self, records: list[Record]) -> list[Problem | None]:
        """Append all in order and wait for all acknowledgements: per record None or the problem."""
        started_s = time.perf_counter()
        with self.tracer.span("write", records=len(records)):
            appended = await self.turns.each(self.log.append, self._carrying(records))
            outcomes = await asyncio.gather(*appended, return_exceptions=True)
        self.metrics.acknowledged_s.observe(time.perf_counter() - started_s)
        self._note_failures(records, outcomes)
        return [_problem(outcome) for outcome in outcomes]

    def _carrying(self, records: list[Record]) -> list[Record]:
        """The records with the trace of their request, if it is recorded."""
        traceparent = self.tracer.traceparent()
        if traceparent is None:
            return records
        carried = (TRACEPARENT, traceparent.encode())
        return [replace(record, headers=(*record.headers, carried)) for record in records]

    def _note_failures(self, records: list[Record], outcomes: list[BaseException | None]) -> None:
        """Count them and write one line per reason: with a line per record, a broker that is away fills the log."""
        failed = [outcome for outcome in outcomes if isinstance(outcome, NotAcknowledged)]
        for reason, n_records in Counter(outcome.reason for outcome in failed).items():
            # The cause names brokers and topics, so only operators may see it.
            cause = next(str(outcome) for outcome in failed if outcome.reason == reason)
            _log.warning("%s: %d of a request's %d records: %s", reason, n_records, len(outcomes), cause)
            self.metrics.not_acknowledged.labels(records[0].tenant, reason).inc(n_records)

    async def note(self, caller: Caller, act: str, **what: object) -> None:
        """Write a change to the audit log. If that fails the error is logged, and the catalogue stays writable."""
        if self.audit is None:
            return
        try:
            await asyncio.to_thread(self.audit.write, caller.key_id or "", act, caller.tenant, **what)
        except OSError:
            _log.exception("%s: not written to the audit log", act)


def _problem(outcome: BaseException | None) -> Problem | None:
    match outcome:
        case None:
            return None
        case NotAcknowledged():
            detail = f"{outcome.reason}: {_TOLD[outcome.reason]}"
            outcome_is = "The outcome is unknown" if outcome.reason == "not_acknowledged" else "Not written"
            title = f"{outcome_is}; send the same request again"
            return Problem(503, detail, headers={"Retry-After": "1"}, title=title)
        case RecordTooLarge():
            return Problem(413, str(outcome))
    raise outcome


def gate_of(request: Request) -> Gate:
    """The gate of the application that got the request."""
    gate: Gate = request.app.state.gate
    return gate


async def _gate(request: Request) -> Gate:
    return gate_of(request)


GateDependency = Annotated[Gate, Depends(_gate)]
