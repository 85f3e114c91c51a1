"""The parts of the OpenAPI document that handlers do not declare: they read bodies and write answers themselves."""

from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from recommndr.catalog import CatalogItem
from recommndr_http.openapi import SERVER_KEY, SHOPPER_TOKEN, Responses, Schema, answer, body, document, ref, refusal
from recommndr_serving.http.requests import RecommendRequest
from recommndr_serving.ladder import Step

_METHOD = (
    "what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or "
    "catalogue; each scope has the method that was best for it"
)
_ATTRIBUTION = (
    "send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of "
    "the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user"
)


class CatalogueFields(BaseModel):
    """Catalogue fields of an item in a list: those asked for in `fields`, null if the catalogue has none."""

    title: str | None = None
    category_path: list[str] | None = None
    brand: str | None = None
    price_minor: int | None = None
    currency: str | None = None
    image_url: str | None = None
    tags: list[str] | None = None
    group_id: str | None = None


class Explanation(BaseModel):
    """How often the shopper ordered an item; with `explain=inputs` also the ranker's inputs."""

    orders: int | None = Field(description="null if no ranker scored the item")
    days_between_orders: float | None = Field(description="mean; null before the second order")
    inputs: dict[str, float | None] | None = None
    retrievers: dict[str, float] | None = Field(default=None, description="each retriever's score")


class ListedItem(CatalogueFields):
    """One place of a list, with the requested catalogue fields."""

    item_id: str
    score: float
    rank: int = Field(ge=1)
    sources: list[str]
    reason: str
    explanation: Explanation | None = Field(default=None, description="with `explain`")


class Experiment(BaseModel):
    """The release and the arm that answered."""

    name: str | None
    arm: Literal["stable", "challenger", "previous", "none"]


class KnownShopper(BaseModel):
    """The profile of a shopper."""

    n_events: int
    device: str | None
    os: str | None
    country: str | None
    region: str | None


class UserProfile(BaseModel):
    """The stored values (null if unreadable), the used values, and which fields of the context replaced stored ones."""

    stored: KnownShopper | None
    used: KnownShopper | None
    overrides_applied: list[str]


class ListAnswer(BaseModel):
    """A list, and how it was made."""

    request_id: str
    items: list[ListedItem]
    method_used: str = Field(description=_METHOD)
    ladder: Step
    model_version: str | None
    experiment: Experiment
    attribution: str | None = Field(description=_ATTRIBUTION)
    took_ms: float


class RecommendAnswer(ListAnswer):
    """A shopper's list."""

    user_profile: UserProfile


class ShownItem(CatalogItem):
    """A catalogue item and whether it is in stock now."""

    available: bool


class ItemPage(BaseModel):
    """A page of the catalogue; `next_cursor` is null on the last page."""

    items: list[ShownItem]
    next_cursor: str | None


_MODELS = (RecommendRequest, RecommendAnswer, ListAnswer, ShownItem, ItemPage)


def _responses(description: str, model: type[BaseModel]) -> Responses:
    return {
        200: answer(description, model),
        400: refusal("A field is invalid"),
        401: refusal("Unknown or expired credential"),
        403: refusal("The credential does not allow this"),
        503: refusal(
            "The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after"
        ),
    }


RECOMMENDATION = _responses("The list; header x-recommndr-ladder repeats `ladder`", RecommendAnswer)
LIST_ANSWER = _responses("The list; header x-recommndr-ladder repeats `ladder`", ListAnswer)
ITEM_ANSWER = _responses("The item", ShownItem)
PAGE_ANSWER = _responses("A page of the catalogue", ItemPage)
RECOMMEND_BODY = body(ref(RecommendRequest))


def schema_of(app: FastAPI) -> Schema:
    """The OpenAPI document of the application."""
    return document(app, _MODELS, [SERVER_KEY, SHOPPER_TOKEN])
