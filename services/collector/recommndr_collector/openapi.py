"""The parts of the OpenAPI document that handlers do not declare: they read bodies and write answers themselves."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from recommndr.catalog import Availability, CatalogItem
from recommndr.events import CLIENT_EVENT
from recommndr_collector import examples
from recommndr_collector.acceptance import MAX_EVENTS
from recommndr_collector.catalogue import MAX_ITEMS
from recommndr_collector.token_request import TokenRequest
from recommndr_http.openapi import (
    REF,
    SERVER_KEY,
    SHOPPER_TOKEN,
    Responses,
    Schema,
    answer,
    body,
    document,
    ref,
    refusal,
)
from recommndr_http.problem_answer import ProblemAnswer


class EventAccepted(BaseModel):
    """Kafka has acknowledged the event."""

    event_id: str
    status: int


class EventOutcome(BaseModel):
    """One event of a list: accepted if `status` is 202, otherwise `problem` has the reason."""

    event_id: str | None
    status: int
    problem: ProblemAnswer | None = None


class EventOutcomes(BaseModel):
    """One outcome per event of a list, in order."""

    results: list[EventOutcome]


class ItemsAccepted(BaseModel):
    """Kafka has acknowledged the items."""

    accepted: int
    status: int


class ErasureAccepted(BaseModel):
    """Kafka has acknowledged the erasure."""

    event_id: str
    status: int


class TokenAnswer(BaseModel):
    """A token, sent as `Authorization: Bearer <token>`, and its expiry."""

    token: str
    expires_at: datetime
    expires_in_s: int


_MODELS = (EventAccepted, EventOutcomes, ErasureAccepted, ItemsAccepted, CatalogItem, Availability, TokenRequest, TokenAnswer)
_EVENT = CLIENT_EVENT.json_schema(ref_template=REF)
_EVENT_PARTS: Schema = _EVENT.pop("$defs")


def _responses(status: int, description: str, model: type[BaseModel], example: Any) -> Responses:
    return {
        status: answer(description, model, example),
        400: refusal("A field is invalid", examples.WRONG_FIELD),
        401: refusal("Unknown or expired credential"),
        403: refusal("The credential does not allow this"),
        413: refusal("The body is too large"),
        429: refusal("The shop or the shopper has used up its budget: send it again after retry-after"),
        503: refusal("Not written, or it is unknown; send the same request again after retry-after"),
    }


EVENTS_BODY = body({"oneOf": [_EVENT, {"type": "array", "items": _EVENT, "maxItems": MAX_EVENTS}]}, examples.EVENTS_BODIES)
EVENTS_ANSWER = _responses(202, "The event is in Kafka", EventAccepted, examples.EVENT_ACCEPTED) | {
    207: answer(
        "A list: one status (202, 400, 403, 413, 429, 503) per event, in order, even when all are 202",
        EventOutcomes,
        examples.EVENT_OUTCOMES,
    )
}
ITEMS_BODY = body({"type": "array", "items": ref(CatalogItem), "maxItems": MAX_ITEMS}, examples.ITEMS_BODIES)
AVAILABILITY_BODY = body(ref(Availability), examples.AVAILABILITY_BODIES)
ITEMS_ANSWER = _responses(202, "Written", ItemsAccepted, examples.ITEMS_ACCEPTED)
AVAILABILITY_ANSWER = ITEMS_ANSWER | {404: refusal("The catalogue does not hold this item")}
ERASURE_ANSWER = _responses(202, "The shopper is forgotten", ErasureAccepted, examples.EVENT_ACCEPTED)
TOKENS_BODY = body(ref(TokenRequest), examples.TOKEN_BODIES)
TOKENS_ANSWER = _responses(200, "A token for this shopper's browser", TokenAnswer, examples.TOKEN) | {
    404: refusal("This installation issues no tokens")
}
# Operations that a shopper's token may also call; all others need a server key.
EVENTS_SECURITY: Schema = {"security": [SERVER_KEY, SHOPPER_TOKEN]}


def schema_of(app: FastAPI) -> Schema:
    """The OpenAPI document of the application."""
    return document(app, _MODELS, [SERVER_KEY], _EVENT_PARTS)
