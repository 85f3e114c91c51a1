"""The parts of the OpenAPI document that handlers do not declare: they read bodies and write answers themselves."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from recommndr.catalog import Availability, CatalogItem
from recommndr.events import CLIENT_EVENT
from recommndr_collector.acceptance import MAX_EVENTS
from recommndr_collector.catalogue import MAX_ITEMS
from recommndr_collector.token_request import TokenRequest
from recommndr_http.problem import MEDIA_TYPE
from recommndr_http.problem_answer import ProblemAnswer

_REF = "#/components/schemas/{model}"


class EventAccepted(BaseModel):
    """The broker has the event."""

    event_id: str
    status: int


class EventOutcome(BaseModel):
    """One event of a list: accepted when `status` is 202, otherwise `problem` says why not."""

    event_id: str | None
    status: int
    problem: ProblemAnswer | None = None


class EventOutcomes(BaseModel):
    """One outcome per event of a list, in order."""

    results: list[EventOutcome]


class ItemsAccepted(BaseModel):
    """The broker has them."""

    accepted: int
    status: int


class TokenAnswer(BaseModel):
    """A token, as `Authorization: Bearer <token>`, and until when it is accepted."""

    token: str
    expires_at: datetime
    expires_in_s: int


_MODELS: tuple[type[BaseModel], ...] = (
    ProblemAnswer, EventAccepted, EventOutcomes, ItemsAccepted, CatalogItem, Availability, TokenRequest,
    TokenAnswer,
)  # fmt: skip
_EVENT = CLIENT_EVENT.json_schema(ref_template=_REF)
_EVENT_PARTS: dict[str, Any] = _EVENT.pop("$defs")

Responses = dict[int | str, dict[str, Any]]


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _json(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": schema}}


def _responses(status: int, description: str, model: type[BaseModel]) -> Responses:
    problem = _json(_ref(ProblemAnswer), MEDIA_TYPE)
    return {
        status: {"description": description, "content": _json(_ref(model))},
        "4XX": {"description": "Refused: the problem says what was expected", "content": problem},
        503: {"description": "Unknown whether it was written: send the same again", "content": problem},
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": _json(schema)}}


EVENTS_BODY = _body({"oneOf": [_EVENT, {"type": "array", "items": _EVENT, "maxItems": MAX_EVENTS}]})
EVENTS_ANSWER = _responses(202, "The event is in Kafka", EventAccepted) | {
    207: {
        "description": "A list: one status (202, 400, 403, 413, 429, 503) per event, in order, even when all are 202",
        "content": _json(_ref(EventOutcomes)),
    }
}
ITEMS_BODY = _body({"type": "array", "items": _ref(CatalogItem), "maxItems": MAX_ITEMS})
AVAILABILITY_BODY = _body(_ref(Availability))
ITEMS_ANSWER = _responses(202, "Written", ItemsAccepted)
AVAILABILITY_ANSWER = ITEMS_ANSWER | {
    404: {"description": "The catalogue does not hold this item", "content": _json(_ref(ProblemAnswer), MEDIA_TYPE)}
}
TOKENS_BODY = _body(_ref(TokenRequest))
TOKENS_ANSWER = _responses(200, "For the shopper's browser alone", TokenAnswer)
# What a shopper's token may call as well; everything else needs a server key.
EVENTS_SECURITY: dict[str, Any] = {"security": [{"serverKey": []}, {"shopperToken": []}]}


def schema_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _, models = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REF)
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {}).update(models["$defs"] | _EVENT_PARTS)
        components["securitySchemes"] = {
            "serverKey": {"type": "http", "scheme": "bearer", "bearerFormat": "rk_<tenant>_<secret>"},
            "shopperToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "what POST /tokens answers; speaks for one shopper, and only for that one",
            },
        }
        schema["security"] = [{"serverKey": []}]
        app.openapi_schema = schema
    return app.openapi_schema
