"""The parts of the OpenAPI document that handlers do not declare: they read bodies and write answers themselves."""

from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from recommndr.business_rules import KINDS, Block, Boost, Bury, Cap, NotAgain, Pin, RuleKind, SetRule
from recommndr.catalog import CatalogItem
from recommndr.edge import TENANT_HEADER, USER_HEADER
from recommndr_http.openapi import (
    SERVER_KEY,
    SHOPPER_TOKEN,
    Responses,
    Schema,
    answer,
    body,
    document,
    header,
    operations,
    ref,
    refusal,
)
from recommndr_serving.http import examples
from recommndr_serving.http.requests import BatchRequest, RecommendRequest
from recommndr_serving.ladder import Step
from recommndr_serving.search.catalogue_search import Matched

_METHOD = (
    "what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or "
    "catalogue; each scope has the method that was best for it"
)
_ATTRIBUTION = (
    "send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of "
    "the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user"
)


_RULES = "with `explain`, where the shop has business rules: what each did"

_TENANT = "the shop; a server sends it beside its key, for a browser the edge reads it from the token"
_SHOPPER = "the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token"


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
    rank_by_score: int | None = Field(
        default=None, description="with business rules: the rank without them; null for a pinned item that nothing proposed"
    )


class ListedItem(CatalogueFields):
    """One place of a list, with the requested catalogue fields."""

    item_id: str
    score: float
    rank: int = Field(ge=1)
    sources: list[str]
    reason: str
    explanation: Explanation | None = Field(default=None, description="with `explain`")


class Evidence(BaseModel):
    """The baskets that prove a place."""

    with_item_id: str = Field(description="the asked item that the evidence is about: that with the largest share")
    baskets: int = Field(description="with both items")
    share: float = Field(description="of the baskets with that item", ge=0.0, le=1.0)
    lift: float = Field(description="baskets with both, by those that chance lets expect")
    lift_interval: tuple[float, float] = Field(description="95 % interval of the lift; above 1")


class CompanionItem(ListedItem):
    """One place of a list of what is bought together."""

    evidence: Evidence | None = Field(default=None, description="absent where the list is made in another way")


class ItemBundle(BaseModel):
    """The asked items with the first two of the list."""

    item_ids: list[str]
    price_minor: int | None = Field(description="of all; null if one has no price, or another currency")
    currency: str | None


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


class MadeList(BaseModel):
    """A list, and how it was made."""

    request_id: str
    items: list[ListedItem]
    method_used: str = Field(description=_METHOD)
    ladder: Step
    model_version: str | None
    experiment: Experiment
    attribution: str | None = Field(description=_ATTRIBUTION)


class RuleDone(BaseModel):
    """What a business rule in force did to a list."""

    rule_id: str
    kind: RuleKind
    ranks: list[int] = Field(description="of its items in the list")
    kept_out: int | None = Field(description="items that it keeps out of the list; null for other kinds")


class ListAnswer(MadeList):
    """The answer of a request for one list."""

    took_ms: float


class TogetherAnswer(ListAnswer):
    """What is bought together."""

    items: list[CompanionItem]  # type: ignore[assignment]
    bundle: ItemBundle | None = Field(description="null without evidence")


class RecommendAnswer(ListAnswer):
    """A shopper's list."""

    user_profile: UserProfile
    rules: list[RuleDone] | None = Field(default=None, description=_RULES)


class PageList(MadeList):
    """A shopper's list on a page of several."""

    user_profile: UserProfile
    rules: list[RuleDone] | None = Field(default=None, description=_RULES)


class BatchAnswer(BaseModel):
    """The lists of a page, in the order of the request."""

    lists: list[PageList]
    took_ms: float


class ShownItem(CatalogItem):
    """A catalogue item and whether it is in stock now."""

    available: bool


class ItemPage(BaseModel):
    """A page of the catalogue; `next_cursor` is null on the last page."""

    items: list[ShownItem]
    next_cursor: str | None


class CategoryCount(BaseModel):
    """A category one level below the searched one."""

    category: list[str] = Field(description="the path from the root, as `category` of a search takes it")
    n_items: int


class BrandCount(BaseModel):
    """A brand."""

    brand: str
    n_items: int


class PriceCount(BaseModel):
    """A range of prices in minor units, both ends included, as a search takes it; null: open."""

    price_min: int | None
    price_max: int | None
    n_items: int


class SearchFacets(BaseModel):
    """What the search can be narrowed by; brands and prices as if none of them were chosen."""

    categories: list[CategoryCount] = Field(description="at most 50, the most frequent first")
    brands: list[BrandCount] = Field(description="at most 50, the most frequent first")
    prices: list[PriceCount] = Field(description="from low to high; about as many items in each")


class SearchPage(ItemPage):
    """A page of what a search found."""

    total: int = Field(description="items of all pages")
    matched: Matched | None = Field(description="words of `q` that the items have; some: no item has all; null without words")
    facets: SearchFacets | None = Field(description="null without `facets=true`")


class KindCounter(BaseModel):
    """Decayed sums of one kind of action, by half-life, as of the newest one."""

    kind: str
    newest_at: datetime
    sums: dict[str, float]


class RecentItem(BaseModel):
    """The newest action with an item."""

    item_id: str
    kind: str
    at: datetime


class PurchasedItem(BaseModel):
    """An item to which the shop's target event happened, usually a purchase."""

    item_id: str
    n_orders: int
    first_at: datetime
    last_at: datetime


class LastContext(BaseModel):
    """Where the shopper was last."""

    device: str | None
    os: str | None
    country: str | None
    region: str | None


class ShopperProfile(BaseModel):
    """The stored profile of one id."""

    n_events: int
    counters: list[KindCounter]
    recent: list[RecentItem] = Field(description="up to 50 items, newest first")
    purchased: list[PurchasedItem] = Field(description="up to 500 items")
    n_owned: int | None = Field(description="items ever purchased, kept as fingerprints; null for more than 511")
    n_seen: int | None = Field(description="items with any other action, kept as fingerprints; null for more than 511")
    context: LastContext


class GuestProfile(BaseModel):
    """A guest that became this shopper."""

    user_id: str
    profile: ShopperProfile


class KeptPlace(BaseModel):
    """A place that may hold something of the shopper."""

    place: str
    holds: str
    until: str


class ShopperData(BaseModel):
    """What the platform keeps of a shopper."""

    user_id: str
    profile: ShopperProfile
    guests: list[GuestProfile]
    kept: list[KeptPlace]


class RuleAnswer(SetRule):
    """A business rule."""

    in_force: bool
    warnings: list[str] = Field(description="what it names and the catalogue does not have; it holds for it once it does")


class RulesAnswer(BaseModel):
    """All business rules of the shop."""

    record_version: int = Field(description="the number of changes")
    rules: list[RuleAnswer]


class RemovedRule(BaseModel):
    """A rule that was removed."""

    rule_id: str
    status: Literal["removed"]


class RunningRelease(BaseModel):
    """The release of the shop's versions."""

    id: str
    phase: str
    weights: dict[str, int] = Field(description="hundredths of a percent of the traffic, by slot")


class TrainingData(BaseModel):
    """What the version was trained on."""

    since: datetime
    until: datetime
    n_lines: int
    n_items: int


class ServedVersion(BaseModel):
    """The version that this slot serves to the caller's shop; null where there is none yet."""

    slot: str
    tenant: str
    version: str | None
    model_version: int | None
    since: datetime | None
    arm: Literal["stable", "challenger", "previous", "none"]
    release: RunningRelease | None
    trained: TrainingData | None
    metrics: dict[str, float] = Field(description="how the version was judged before it was released")


RULE_MODELS: tuple[type[BaseModel], ...] = (Pin, Boost, Bury, Block, Cap, NotAgain)
_BY_KIND = tuple(zip(KINDS, RULE_MODELS, strict=True))
_MODELS = (
    RecommendRequest,
    RecommendAnswer,
    BatchRequest,
    BatchAnswer,
    ListAnswer,
    TogetherAnswer,
    ShownItem,
    ItemPage,
    CategoryCount,
    BrandCount,
    PriceCount,
    SearchFacets,
    SearchPage,
    ShopperData,
    ServedVersion,
    RuleAnswer,
    RulesAnswer,
    RemovedRule,
)


def _responses(description: str, model: type[BaseModel], example: Any) -> Responses:
    return {
        200: answer(description, model, example),
        400: refusal("A field is invalid", examples.WRONG_FIELD),
        401: refusal("Unknown or expired credential"),
        403: refusal("The credential does not allow this"),
        503: refusal(
            "The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after"
        ),
    }


_LADDER = "The list; header x-recommndr-ladder repeats `ladder`"
_UNKNOWN: Responses = {404: refusal("The catalogue does not hold this item")}

RECOMMENDATION = _responses(_LADDER, RecommendAnswer, examples.RECOMMENDATION)
BATCH_ANSWER = _responses("The lists; header x-recommndr-ladder has the lowest step of them", BatchAnswer, examples.BATCH)
LIST_ANSWER = _responses(_LADDER, ListAnswer, examples.LIST)
SIMILAR_ANSWER = LIST_ANSWER | _UNKNOWN
TOGETHER_ANSWER = _responses(_LADDER, TogetherAnswer, examples.TOGETHER) | _UNKNOWN
ITEM_ANSWER = _responses("The item", ShownItem, examples.ITEM) | _UNKNOWN
PAGE_ANSWER = _responses("A page of the catalogue", ItemPage, examples.PAGE)
SEARCH_ANSWER = _responses("A page of what was found", SearchPage, examples.FOUND)
USER_ANSWER = _responses("The shopper's data", ShopperData, examples.SHOPPER) | {
    404: refusal("No event of this shopper is known, or the shopper is erased"),
    503: refusal("The online store of shoppers does not answer: ask again after retry-after"),
}
MODELS_ANSWER = _responses("The version", ServedVersion, examples.VERSION)
_NOT_CHANGED: Responses = {503: refusal("The rules cannot be written now: nothing changed; send the same request again")}
RULES_ANSWER = _responses("The rules", RulesAnswer, examples.RULES)
RULE_ANSWER = _responses("The rule is set", RuleAnswer, examples.RULE) | _NOT_CHANGED
RULE_REMOVED = (
    _responses("The rule is removed", RemovedRule, examples.REMOVED_RULE)
    | _NOT_CHANGED
    | {404: refusal("The shop has no rule of this id")}
)
SERVER_ONLY: Schema = {"security": [SERVER_KEY]}
RECOMMEND_BODY = body(ref(RecommendRequest), examples.RECOMMEND_BODIES)
RULE_BODY = body(
    {
        "oneOf": [ref(kind) for kind in RULE_MODELS],
        "discriminator": {"propertyName": "kind", "mapping": {name: ref(kind)["$ref"] for name, kind in _BY_KIND}},
    },
    examples.RULE_BODIES,
)
BATCH_BODY = body(ref(BatchRequest), examples.BATCH_BODIES)


def schema_of(app: FastAPI) -> Schema:
    """The OpenAPI document of the application."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    schema = document(app, _MODELS, [SERVER_KEY, SHOPPER_TOKEN])
    for _, _, operation in operations(schema):
        if operation.get("security") != []:
            named = {TENANT_HEADER: _TENANT} | ({USER_HEADER: _SHOPPER} if operation["tags"] == ["lists"] else {})
            operation.setdefault("parameters", []).extend(header(name, meaning) for name, meaning in named.items())
    return schema
