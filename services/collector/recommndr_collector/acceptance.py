"""Turns a client's bytes into the record of an event, or into a problem for the client. No I/O and no clock."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from recommndr import attribution, topics
from recommndr.events import CLIENT_EVENT, MAX_LINES, ClientEvent, Doubt, Event, Sender, encode, is_claimed, stamp
from recommndr.identity import ItemId, entity_key
from recommndr.tenancy import TenantPolicy
from recommndr_collector.event_log import Record
from recommndr_http.json_shape import JsonList, Member, Shape, json_list
from recommndr_http.problem import Problem, refused_field, refused_model

MAX_EVENTS = 500
# An event has 10 fields, its context 6 and a line 5; no list in it is longer than its lines.
EVENT_SHAPE = Shape(depth=4, n_keys=16 + 5 * MAX_LINES + 16, n_commas=16 + 5 * MAX_LINES + 16)

# The union's tags: pydantic puts them into error paths, but clients never wrote them.
_TAGS = frozenset({"interaction", "search", "identify"})
_EVENT_ID = re.compile(rb'"event_id"\s*:\s*"([0-9A-Za-z-]{1,64})"')


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How one tenant's events are accepted. `attributed` is called with the kind of each attributed event, `dropped` with the
    reason for each dropped attribution."""

    tenant: str
    policy: TenantPolicy
    received_at: datetime
    attribution_keys: Mapping[str, bytes]
    attributed: Callable[[str], None]
    dropped: Callable[[str], None]
    doubt: Callable[[ClientEvent, float], Doubt | None] = lambda _event, _at_s: None
    subject: str | None = (
        None  # the shopper whose browser sends these; None: the shop's server, which may send for all shoppers
    )

    @property
    def sender(self) -> Sender:
        """The sender that the collector writes into events: browser or server."""
        return "server" if self.subject is None else "browser"

    def event(self, sent: Member) -> tuple[str, Record, tuple[ItemId, ...]]:
        """Event id, record and the item of each line of one event; raises `Problem`."""
        sent.shape.check(EVENT_SHAPE)
        client_event = self._parsed(sent)
        self._check_subject(client_event)
        self._check_kind(client_event)
        self._check_lines(client_event)
        event = self._stamped(self._attributed(client_event))
        event_id = str(event.event_id)
        headers = (
            (topics.HEADER_EVENT_ID, event_id.encode()),
            (topics.HEADER_TENANT, self.tenant.encode()),
            (topics.HEADER_KIND, event.kind.encode()),
        )
        record = Record(topics.EVENTS.name, entity_key(self.tenant, event.user_id), encode(event), headers)
        return event_id, record, tuple(line.item_id for line in event.lines)

    def _stamped(self, event: ClientEvent) -> Event:
        try:
            return stamp(event, self.tenant, self.received_at, self.sender, self._doubt(event))
        except ValidationError as cause:
            raise refused_model(cause, _TAGS) from None
        except ValueError as cause:
            expected = str(cause).partition("expected ")[2]
            raise refused_field("occurred_at", event.occurred_at.isoformat(), expected) from None

    def _doubt(self, event: ClientEvent) -> Doubt | None:
        if event.kind == "purchase" and self.subject is None:
            return None  # the shop knows its orders
        return self.doubt(event, min(event.occurred_at, self.received_at).timestamp())

    def _parsed(self, sent: Member) -> ClientEvent:
        # Strict: a quantity of "3" is refused, not converted.
        try:
            event = CLIENT_EVENT.validate_json(sent.payload, strict=True)
        except ValidationError as cause:
            repaired = self._without_unusable_attribution(sent.payload, cause)
            if repaired is None:
                raise refused_model(cause, _TAGS) from None
            return repaired
        if _n_keys(event) != sent.shape.n_keys:
            raise _repeated(sent.payload)
        return event

    def _without_unusable_attribution(self, payload: bytes, cause: ValidationError) -> ClientEvent | None:
        """The event without its attribution when nothing else is wrong with it: a bad token never loses an event."""
        if cause.error_count() != 1 or cause.errors(include_url=False, include_input=False)[0]["loc"][1:] != ("attribution",):
            return None
        if _repeated_key(payload) is not None:
            raise _repeated(payload)
        fields = from_json(payload)  # the parser that accepted the payload before
        del fields["attribution"]
        self.dropped("malformed")
        return CLIENT_EVENT.validate_json(to_json(fields), strict=True)

    def _check_subject(self, event: ClientEvent) -> None:
        if self.subject is not None and event.user_id != self.subject:
            raise refused_field("user_id", event.user_id, f"{self.subject!r}, whose token this is", status=403)

    def _check_kind(self, event: ClientEvent) -> None:
        if event.kind != "identify" and event.kind not in self.policy.kinds:
            there_are = [*self.policy.kinds, "identify"]
            raise refused_field("kind", event.kind, f"one of {there_are}, which tenant {self.tenant} has")
        if self.subject is None:
            return
        if event.kind == "identify":  # otherwise a browser could take over another shopper's history
            raise refused_field("kind", event.kind, "a server key: a shopper's token cannot merge histories", status=403)
        if event.kind not in self.policy.browser_kinds:
            allowed = f"one of {list(self.policy.browser_kinds)}, or a server key"
            raise refused_field("kind", event.kind, f"{allowed}: {_NOT_FROM_BROWSERS}", status=403)

    def _check_lines(self, event: ClientEvent) -> None:
        most, highest = self.policy.max_quantity, self.policy.max_price_minor
        for place, line in enumerate(event.lines):
            if line.quantity > most:
                raise refused_field(f"lines.{place}.quantity", line.quantity, f"at most {most}, the shop's max_quantity")
            if line.price_minor is not None and line.price_minor > highest:
                expected = f"at most {highest}, the shop's max_price_minor"
                raise refused_field(f"lines.{place}.price_minor", line.price_minor, expected)

    def _attributed(self, event: ClientEvent) -> ClientEvent:
        if event.attribution is None:
            return event
        try:
            given = attribution.verify(event.attribution, self.attribution_keys, self.tenant, event.user_id, self.received_at)
            given.check_any([line.item_id for line in event.lines])
        except attribution.BadAttribution as cause:
            self.dropped(cause.reason)
            return event.model_copy(update={"attribution": None})
        if not is_claimed(event.kind, self.sender):
            self.attributed(event.kind)
        return event


_NOT_FROM_BROWSERS = "the shop lists what its browsers may send beside these under extra_browser_kinds"


def batch(payload: bytes) -> JsonList:
    """The members of a batch of events, none of them decoded yet; raises `Problem`."""
    return json_list(payload, MAX_EVENTS, f"one event or a list of 1-{MAX_EVENTS} events")


def is_batch(payload: bytes) -> bool:
    """Whether the body is a list."""
    return payload.lstrip()[:1] == b"["


def claimed_id(payload: bytes) -> str | None:
    """The event_id of a refused member of a batch, so that the client knows which one it was."""
    found = _EVENT_ID.search(payload)
    return found[1].decode() if found else None


def _n_keys(event: ClientEvent) -> int:
    context = event.context.model_fields_set if "context" in event.model_fields_set else ()
    return len(event.model_fields_set) + len(context) + sum(len(line.model_fields_set) for line in event.lines)


def _repeated(payload: bytes) -> Problem:
    return refused_field(_repeated_key(payload) or "body", "more than one value", "each field once")


def _repeated_key(payload: bytes) -> str | None:
    """The first key that an object has twice; parsers differ in which of the values they take."""
    repeated: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        keys: set[str] = set()
        for key, _ in pairs:
            if key in keys:
                repeated.append(key)
            keys.add(key)

    json.loads(payload, object_pairs_hook=note)
    return repeated[0] if repeated else None
