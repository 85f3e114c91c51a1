"""The parts of the OpenAPI document that handlers do not declare: they read bodies and write answers themselves."""

from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from recommndr.catalog import CatalogItem
from recommndr_http.problem import MEDIA_TYPE
from recommndr_http.problem_answer import ProblemAnswer
from recommndr_serving.http.requests import RecommendRequest
from recommndr_serving.ladder import Step

_REF = "#/components/schemas/{model}"


class CatalogueFields(BaseModel):
    """What an item of a list carries of the catalogue: those of `fields`, null where the catalogue has none."""

    title: str | None = None
    category_path: list[str] | None = None
    brand: str | None = None
    price_minor: int | None = None
    currency: str | None = None
    image_url: str | None = None
    tags: list[str] | None = None
    group_id: str | None = None


class Explanation(BaseModel):
    """How often the shopper ordered an item; with `explain=inputs` also what the ranker saw."""

    orders: int | None = Field(description="null where no ranker looked")
    days_between_orders: float | None = Field(description="on average; null before the second order")
    inputs: dict[str, float | None] | None = None
    retrievers: dict[str, float] | None = Field(default=None, description="each retriever's score")


class ListedItem(CatalogueFields):
    """One place of a list, with the catalogue fields that were asked for beside these."""

    item_id: str
    score: float
    rank: int = Field(ge=1)
    sources: list[str]
    reason: str
    explanation: Explanation | None = Field(default=None, description="with `explain`")


class Experiment(BaseModel):
    """Which side of which release answered."""

    name: str | None
    arm: Literal["stable", "challenger", "previous", "none"]


class KnownShopper(BaseModel):
    """What is known of a shopper."""

    n_events: int
    device: str | None
    os: str | None
    country: str | None
    region: str | None


class UserProfile(BaseModel):
    """What is stored (null: could not be read), what was used, and which fields of the context replaced stored ones."""

    stored: KnownShopper | None
    used: KnownShopper | None
    overrides_applied: list[str]


class ListAnswer(BaseModel):
    """A list, and how it came about."""

    request_id: str
    items: list[ListedItem]
    method_used: str
    ladder: Step
    model_version: str | None
    experiment: Experiment
    took_ms: float


class RecommendAnswer(ListAnswer):
    """A shopper's list; send `attribution` back on events that follow from it."""

    attribution: str | None
    user_profile: UserProfile


class ShownItem(CatalogItem):
    """A catalogue item and whether it can be had now."""

    available: bool


class ItemPage(BaseModel):
    """A page of the catalogue; `next_cursor` is null on the last."""

    items: list[ShownItem]
    next_cursor: str | None


_MODELS: tuple[type[BaseModel], ...] = (RecommendRequest, RecommendAnswer, ListAnswer, ShownItem, ItemPage, ProblemAnswer)


def _json(model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _answer(model: type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    problem = _json(ProblemAnswer, MEDIA_TYPE)
    refusals = {
        400: "A field is not as expected",
        401: "Unknown or expired credential",
        403: "The credential does not allow this",
    }
    answers: dict[int | str, dict[str, Any]] = {200: {"description": description, "content": _json(model)}}
    return answers | {status: {"description": text, "content": problem} for status, text in refusals.items()}


RECOMMENDATION = _answer(RecommendAnswer, "The list; header x-recommndr-ladder repeats `ladder`")
LIST_ANSWER = _answer(ListAnswer, "The list; header x-recommndr-ladder repeats `ladder`")
ITEM_ANSWER = _answer(ShownItem, "The item")
PAGE_ANSWER = _answer(ItemPage, "A page of the catalogue")
RECOMMEND_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _json(RecommendRequest)}}


def schema_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _, models = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REF)
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {}).update(models["$defs"])
        components["securitySchemes"] = {
            "serverKey": {"type": "http", "scheme": "bearer", "bearerFormat": "rk_<tenant>_<secret>"},
            "shopperToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "what the collector's POST /tokens answers: for one shopper, who is the user_id of what it asks",
            },
        }
        schema["security"] = [{"serverKey": []}, {"shopperToken": []}]
        app.openapi_schema = schema
    return app.openapi_schema
