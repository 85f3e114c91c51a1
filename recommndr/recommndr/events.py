"""Events: shoppers' actions, in one format from browser to training set.

Topic `recommndr.events.v1`, JSON, keyed `tenant|user`. Delivery is at least once and unordered: a consumer must give the
same result when events repeat or swap. Identity is (tenant, event_id).

A storefront sends a `ClientEvent`; the collector stamps it into an `Event`: tenant from the credential, `received_at` from
its own clock, `event_at = min(occurred_at, received_at)`. Only `event_at` is ever used for decay, and *known as of t* means
`received_at <= t`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    FailFast,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    WithJsonSchema,
)

from recommndr.identity import Item, Tenant, User
from recommndr.instant import SentInstant, StampedInstant

SCHEMA_VERSION = 1
MAX_LINES = 500
# Limits for all shops; a shop's own limits are lower: `recommndr.tenancy.TenantPolicy`.
MAX_QUANTITY = 1_000_000
# The largest integer that float64 holds exactly; no price comes near it.
MAX_PRICE_MINOR = 2**53 - 1
# A client clock may be slightly ahead; an event further ahead is refused rather than silently moved to now.
MAX_CLOCK_AHEAD = timedelta(minutes=5)
# Older events are kept in the lake and folded with the next seed, not live.
MAX_LIVE_LATENESS = timedelta(hours=24)

# Position = code of the kind in states and bytes: append only. The codes after them, 11-15, are for kinds of a tenant's own.
KINDS = (
    "view",
    "click",
    "add_to_cart",
    "purchase",
    "favorite",
    "like",
    "share",
    "dislike",
    "remove_from_cart",
    "impression",
    "search",
)
# Kinds that browsers may send. Purchases must come from the shop's server: a browser could claim any number of them.
BROWSER_KINDS = tuple(kind for kind in KINDS if kind != "purchase")
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
N_KIND_SLOTS = 16
FIRST_OWN_CODE = len(KINDS)
MAX_OWN_KINDS = N_KIND_SLOTS - FIRST_OWN_CODE
_KIND_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"
KindName = Annotated[str, StringConstraints(pattern=_KIND_PATTERN)]

# Weight of one event of each kind as evidence that the shopper likes the item. Applied when states are read, and in the lake.
DEFAULT_WEIGHTS: dict[str, float] = {
    "view": 1.0,
    "click": 1.0,
    "add_to_cart": 3.0,
    "purchase": 5.0,
    "favorite": 2.5,
    "like": 2.0,
    "share": 2.0,
    "dislike": -1.0,
    "remove_from_cart": -1.0,
    "impression": 0.0,
    "search": 0.0,
}

# Kinds that no fold counts: a guest becomes a shopper; a shopper's history is erased.
NOT_ACTIONS = ("identify", "erase")

Sender = Literal["server", "browser"]
# Why an event is left out of counters of items, of outcomes and of training: the shopper repeats it too often, or is a robot.
Doubt = Literal["repeated", "robot"]


def is_claimed(kind: str, sender: Sender) -> bool:
    """Whether a browser claims what only the shop's server can know; releases are not judged by such events.

    >>> is_claimed("purchase", "browser"), is_claimed("purchase", "server"), is_claimed("click", "browser")
    (True, False, False)
    """
    return sender == "browser" and kind not in BROWSER_KINDS


def kind_code(kind: str, own_kinds: Sequence[str] = ()) -> int:
    """The code of a kind for a tenant with these kinds of its own; raises `ValueError` for any other kind.

    >>> kind_code("purchase"), kind_code("apply", ["interest", "apply"])
    (3, 12)
    """
    code = KIND_CODE.get(kind)
    if code is not None:
        return code
    if kind not in own_kinds:
        raise ValueError(f"kind {kind!r}: expected one of {[*KINDS, *own_kinds]} (a tenant's own are in `own_kinds`)")
    return FIRST_OWN_CODE + own_kinds.index(kind)


class Line(BaseModel):
    """One item of an event; the unit of item states and of weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    item_id: Item
    quantity: int = Field(default=1, ge=1, le=MAX_QUANTITY)
    price_minor: int | None = Field(
        default=None, ge=0, le=MAX_PRICE_MINOR, description="price of one unit in minor units of `currency`"
    )
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    position: int | None = Field(default=None, ge=0, le=10_000, description="0 = first place of the list shown")


_SHORT = Field(default=None, max_length=64)


class Context(BaseModel):
    """Where the shopper was; every field may be missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    device: str | None = _SHORT
    os: str | None = _SHORT
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    # Not only ISO codes: shops use their own names for delivery areas and branches.
    region: str | None = Field(default=None, max_length=64, description="ISO 3166-2 as in DE-BY, or the shop's own name of it")
    referrer: str | None = Field(default=None, max_length=2048)
    page: str | None = Field(default=None, max_length=2048)


class _ClientEvent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: Literal[1] = 1
    event_id: UUID = Field(description="chosen by the client; a repeat is the same event")
    user_id: User
    occurred_at: SentInstant = Field(
        description="by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text"
    )
    context: Context = Context()
    session_id: str | None = Field(default=None, min_length=1, max_length=128)
    attribution: str | None = Field(default=None, max_length=1024, description="token of the answer that led here")


INTERACTION_KINDS = tuple(kind for kind in KINDS if kind != "search")


def _of_interaction(kind: str) -> str:
    if kind in NOT_ACTIONS or kind == "search":
        raise ValueError(f"kind {kind!r} has fields of its own: expected a kind of action with items")
    return kind


# The tenant's policy lists its kinds: `recommndr.tenancy.TenantPolicy.kinds`.
InteractionKind = Annotated[
    KindName,
    AfterValidator(_of_interaction),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(INTERACTION_KINDS), "type": "string"},
                {"pattern": _KIND_PATTERN, "type": "string", "description": "a kind of the shop's own, one of its `own_kinds`"},
            ]
        }
    ),
]


class ClientInteraction(_ClientEvent):
    """An action with items."""

    kind: InteractionKind
    # Only the first wrong line is reported: a client usually makes the same mistake in all lines.
    lines: Annotated[tuple[Line, ...], FailFast()] = Field(min_length=1, max_length=MAX_LINES)


# Pydantic leaves `items` out, and makers of clients refuse an array without it.
_NoLines = Annotated[tuple[()], Field(json_schema_extra={"items": {}})]


class ClientSearch(_ClientEvent):
    """A shopper searched."""

    kind: Literal["search"]
    query: str = Field(max_length=512)
    lines: _NoLines = ()


class ClientIdentify(_ClientEvent):
    """A guest logged in as `user_id`; the guest's state is merged into the user's."""

    kind: Literal["identify"]
    guest_id: User
    lines: _NoLines = ()


class _Stamped(BaseModel):
    tenant: Tenant
    received_at: StampedInstant
    event_at: StampedInstant
    # Set from the credential, never from the client; older events without this field came from the shop's server.
    sender: Sender = "server"
    doubt: Doubt | None = None  # set by the collector; None: none


class Interaction(_Stamped, ClientInteraction):
    """A stamped `ClientInteraction`."""


class Search(_Stamped, ClientSearch):
    """A stamped `ClientSearch`."""


class Identify(_Stamped, ClientIdentify):
    """A stamped `ClientIdentify`."""


class Erase(_Stamped, _ClientEvent):
    """Forget the shopper: everything of this key that lies before it in the topic. Only the collector makes it."""

    kind: Literal["erase"]
    lines: _NoLines = ()


def _kind_of(event: Any) -> Any:
    return event.get("kind") if isinstance(event, dict) else getattr(event, "kind", None)


def _client_family(event: Any) -> str:
    kind = _kind_of(event)
    return kind if kind in ("search", "identify") else "interaction"


def _family(event: Any) -> str:
    return "erase" if _kind_of(event) == "erase" else _client_family(event)


ClientEvent = Annotated[
    Annotated[ClientInteraction, Tag("interaction")]
    | Annotated[ClientSearch, Tag("search")]
    | Annotated[ClientIdentify, Tag("identify")],
    Discriminator(_client_family),
]
Event = Annotated[
    Annotated[Interaction, Tag("interaction")]
    | Annotated[Search, Tag("search")]
    | Annotated[Identify, Tag("identify")]
    | Annotated[Erase, Tag("erase")],
    Discriminator(_family),
]
CLIENT_EVENT: TypeAdapter[ClientEvent] = TypeAdapter(ClientEvent)
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_STAMPED: dict[str, type[Interaction | Search | Identify]] = {
    "interaction": Interaction,
    "search": Search,
    "identify": Identify,
}


def stamp(
    event: ClientEvent, tenant: str, received_at: datetime, sender: Sender = "server", doubt: Doubt | None = None
) -> Event:
    """Stamp tenant, times and the rest; raises `ValueError` when the client's clock is more than `MAX_CLOCK_AHEAD` ahead."""
    ahead = event.occurred_at - received_at
    if ahead > MAX_CLOCK_AHEAD:
        raise ValueError(
            f"occurred_at {event.occurred_at.isoformat()} is {ahead.total_seconds():.0f} s ahead of the collector's clock: "
            f"expected at most {MAX_CLOCK_AHEAD.total_seconds():.0f} s"
        )
    fields = {name: getattr(event, name) for name in type(event).model_fields}
    fields |= {"tenant": tenant, "received_at": received_at, "event_at": min(event.occurred_at, received_at)}
    stamped: Event = _STAMPED[_client_family(event)].model_validate(fields | {"sender": sender, "doubt": doubt})
    return stamped


def erasure(tenant: str, user_id: str, event_id: UUID, received_at: datetime) -> Event:
    """The event by which a shopper is erased; raises `ValueError` for an invalid id."""
    at = dict.fromkeys(("occurred_at", "received_at", "event_at"), received_at)
    made: Event = Erase.model_validate({"kind": "erase", "event_id": event_id, "tenant": tenant, "user_id": user_id} | at)
    return made


def encode(event: Event) -> bytes:
    """Kafka value of a stamped event."""
    return EVENT.dump_json(event, exclude_none=True)


def decode(payload: bytes) -> Event:
    """Parse one Kafka value; raises `pydantic.ValidationError`, which callers dead-letter."""
    # Readers ignore unknown fields, so that writers can be upgraded first.
    return EVENT.validate_json(payload, extra="ignore")


def is_late(event_at: datetime, received_at: datetime) -> bool:
    """Whether the event is too late to be folded live; the next seed folds it."""
    return received_at - event_at > MAX_LIVE_LATENESS
