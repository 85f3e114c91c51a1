"""From a client's bytes to records of the log, or to the problem the client is told. No I/O and no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from recommndr import attribution, topics
from recommndr.catalog import Availability, CatalogItem
from recommndr.events import CLIENT_EVENT, ClientEvent, encode, stamp
from recommndr.identity import User, check_entity_id, entity_key
from recommndr_collector.event_log import Record
from recommndr_collector.problems import invalid, invalid_model

MAX_EVENTS = 500
MAX_ITEMS = 1_000

_ITEMS: TypeAdapter[list[CatalogItem]] = TypeAdapter(list[CatalogItem])


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How one tenant's events are accepted; `kinds` are all it has, `attributed` hears of kinds that came
    from one of our lists, `dropped` why an attribution was dropped."""

    tenant: str
    kinds: Sequence[str]
    received_at: datetime
    attribution_keys: Mapping[str, bytes]
    attributed: Callable[[str], None]
    dropped: Callable[[str], None]
    subject: str | None = None  # the one shopper whose events these may be; None: anybody's

    def event(self, payload: bytes) -> tuple[str, Record]:
        """Event id and record of one event; raises `Problem`."""
        client_event = self._attributed(self._of_its_kinds(self._of_its_subject(self._parsed(payload))))
        try:
            event = stamp(client_event, self.tenant, self.received_at)
        except ValidationError as cause:
            raise invalid_model(cause) from None
        except ValueError as cause:
            raise invalid("occurred_at", client_event.occurred_at.isoformat(), str(cause)) from None
        event_id = str(event.event_id)
        headers = (
            (topics.HEADER_EVENT_ID, event_id.encode()),
            (topics.HEADER_TENANT, self.tenant.encode()),
            (topics.HEADER_KIND, event.kind.encode()),
        )
        return event_id, Record(topics.EVENTS.name, entity_key(self.tenant, event.user_id), encode(event), headers)

    def _parsed(self, payload: bytes) -> ClientEvent:
        # Strict: a quantity of "3" is a mistake to be told, not to be guessed at.
        try:
            return CLIENT_EVENT.validate_json(payload, strict=True)
        except ValidationError as cause:
            repaired = self._without_unusable_attribution(payload, cause)
            if repaired is None:
                raise invalid_model(cause) from None
            return repaired

    def _without_unusable_attribution(self, payload: bytes, cause: ValidationError) -> ClientEvent | None:
        """The event without its attribution when nothing else is wrong with it: a bad token never loses an event."""
        if any(error["loc"][1:] != ("attribution",) for error in cause.errors(include_url=False, include_input=False)):
            return None
        fields = from_json(payload)  # pydantic's own parser: what it took the first time it takes again
        del fields["attribution"]
        self.dropped("malformed")
        return CLIENT_EVENT.validate_json(to_json(fields), strict=True)

    def _of_its_subject(self, event: ClientEvent) -> ClientEvent:
        if self.subject is None:
            return event
        if event.user_id != self.subject:
            raise invalid("user_id", event.user_id, f"expected {self.subject!r}, whose token this is", 403)
        if event.kind == "identify":  # it would make another's history the bearer's own
            raise invalid("kind", event.kind, "expected a server key: a shopper's token cannot merge histories", 403)
        return event

    def _of_its_kinds(self, event: ClientEvent) -> ClientEvent:
        if event.kind != "identify" and event.kind not in self.kinds:
            raise invalid("kind", event.kind, f"expected one of {[*self.kinds, 'identify']}, which tenant {self.tenant} has")
        return event

    def _attributed(self, event: ClientEvent) -> ClientEvent:
        if event.attribution is None:
            return event
        try:
            attribution.verify(event.attribution, self.attribution_keys, self.tenant, event.user_id, self.received_at)
        except attribution.BadAttribution as cause:
            self.dropped(cause.reason)
            return event.model_copy(update={"attribution": None})
        self.attributed(event.kind)
        return event


def batch(payload: bytes) -> list[Any]:
    """The members of a batch of events, not yet validated; raises `Problem`."""
    try:
        members = orjson.loads(payload)
    except orjson.JSONDecodeError as cause:
        raise invalid("body", payload[:80].decode(errors="replace"), f"expected JSON: {cause}") from None
    if not isinstance(members, list) or not 1 <= len(members) <= MAX_EVENTS:
        raise invalid("body", _size(members), f"expected one event or a list of 1-{MAX_EVENTS} events")
    return members


def member_payload(member: object) -> bytes:
    """One member of a batch as bytes again; raises `Problem` for one nested deeper than any event."""
    try:
        return orjson.dumps(member)
    except orjson.JSONEncodeError as cause:
        raise invalid("body", type(member).__name__, f"expected an event: {cause}") from None


def is_batch(payload: bytes) -> bool:
    """Whether the body is a list."""
    return payload.lstrip()[:1] == b"["


def claimed_id(member: object) -> str | None:
    """What a refused member of a batch called itself, so that the client can tell which it was."""
    event_id = member.get("event_id") if isinstance(member, dict) else None
    return event_id[:64] if isinstance(event_id, str) else None


def items(tenant: str, payload: bytes) -> list[Record]:
    """Records of 1-1,000 whole items, all of them or none; raises `Problem`."""
    try:
        parsed = _ITEMS.validate_json(payload, strict=True)
    except ValidationError as cause:
        raise invalid_model(cause) from None
    if not 1 <= len(parsed) <= MAX_ITEMS:
        raise invalid("body", f"a list of {len(parsed)}", f"expected a list of 1-{MAX_ITEMS} items")
    return [
        Record(topics.CATALOG.name, entity_key(tenant, item.item_id), item.model_dump_json(exclude_none=True).encode())
        for item in parsed
    ]


def availability(tenant: str, item_id: str, payload: bytes) -> Record:
    """The record of one item's availability; raises `Problem`."""
    try:
        parsed = Availability.model_validate_json(payload, strict=True)
    except ValidationError as cause:
        raise invalid_model(cause) from None
    return Record(topics.AVAILABILITY.name, _item_key(tenant, item_id), parsed.model_dump_json().encode())


def deletion(tenant: str, item_id: str) -> tuple[Record, Record]:
    """Tombstones of one item, to be written in this order: availability falls back to *available* when its record goes,
    so the item has to be gone before; raises `Problem`.
    """
    key = _item_key(tenant, item_id)
    return Record(topics.CATALOG.name, key, None), Record(topics.AVAILABILITY.name, key, None)


class TokenRequest(BaseModel):
    """`POST /tokens`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    user_id: User = Field(description="whom the token is for, as the shop's events name them")


def shopper(payload: bytes) -> str:
    """Whom a token is asked for; raises `Problem`."""
    try:
        return TokenRequest.model_validate_json(payload, strict=True).user_id
    except ValidationError as cause:
        raise invalid_model(cause) from None


def _item_key(tenant: str, item_id: str) -> bytes:
    try:
        return entity_key(tenant, check_entity_id(item_id))
    except ValueError as cause:
        raise invalid("item_id", item_id, str(cause)) from None


def _size(members: object) -> str:
    return f"a list of {len(members)}" if isinstance(members, list) else type(members).__name__
