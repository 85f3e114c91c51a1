"""What may be asked: the request bodies and queries of the API, with their limits."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, FailFast, Field, ValidationError

from recommndr.identity import Item, User
from recommndr_engine.filters import ItemFilters
from recommndr_http.json_shape import Shape, measure
from recommndr_http.problem import refused_model

MAX_K = 100
MAX_EXCLUDE = 500
MAX_PAGE = 100
# A request has 8 fields, its context 4 and its filters 5; what is longest in it is `exclude`.
_REQUEST_SHAPE = Shape(depth=3, n_keys=32, n_commas=MAX_EXCLUDE + 100)

Scope = Literal["mixed", "discover", "buy_again"]
SimilarBy = Literal["als", "neighbours", "blend"]
# What of the catalogue a list may carry beside ids and scores.
ItemField = Literal["title", "category_path", "brand", "price_minor", "currency", "image_url", "tags", "group_id"]

_K = Field(default=10, ge=1, le=MAX_K, description="length of the list")
_FIELDS = Field(default=(), max_length=8, description="catalogue fields to return with each item")
_CATEGORY = Field(default=None, max_length=128, description="only items with this name anywhere in their category path")
_BRAND = Field(default=None, max_length=128)
_REGION = Field(default=None, max_length=64, description="as the shop's events name it")
_PRICE = Field(default=None, ge=0, description="in minor units")


def _only_true(available: bool) -> bool:
    if not available:
        raise ValueError("expected true: an item that cannot be had is in no answer")
    return available


Available = Annotated[bool, AfterValidator(_only_true)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Context(_Asked):
    """Where the shopper is; overrides what is stored of it."""

    device: str | None = Field(default=None, max_length=64)
    os: str | None = Field(default=None, max_length=64)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    region: str | None = _REGION


class Filters(_Asked):
    """Which items may be in the list."""

    category: str | None = _CATEGORY
    brand: str | None = _BRAND
    price_min: int | None = _PRICE
    price_max: int | None = _PRICE
    available: Available = True


class RecommendRequest(_Asked):
    """`POST /recommend`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    user_id: User
    k: int = _K
    context: Context = Field(default=Context(), validation_alias=AliasChoices("context", "env"))
    filters: Filters = Filters()
    scope: Scope = Field(default="mixed", description="discover: never bought; buy_again: bought before")
    exclude: Annotated[tuple[Item, ...], FailFast()] = Field(default=(), max_length=MAX_EXCLUDE)
    explain: bool = Field(default=False, description="add each item's ranker inputs and retriever scores")
    fields: Annotated[tuple[ItemField, ...], FailFast()] = _FIELDS


def recommend_request(payload: bytes) -> RecommendRequest:
    """The request that a body holds; raises `Problem`."""
    measure(payload).check(_REQUEST_SHAPE)
    try:
        return RecommendRequest.model_validate_json(payload)
    except ValidationError as cause:
        raise refused_model(cause) from None


class RecommendQuery(_Asked):
    """`GET /recommend`: the same, flat."""

    user_id: User
    k: int = _K
    device: str | None = Field(default=None, max_length=64)
    os: str | None = Field(default=None, max_length=64)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    region: str | None = _REGION
    category: str | None = _CATEGORY
    brand: str | None = _BRAND
    price_min: int | None = _PRICE
    price_max: int | None = _PRICE
    available: Available = True
    scope: Scope = "mixed"
    exclude: Annotated[list[Item], FailFast()] = Field(default=[], max_length=MAX_EXCLUDE)
    explain: bool = False
    fields: Annotated[list[ItemField], FailFast()] = Field(default=[], max_length=8)

    def to_request(self) -> RecommendRequest:
        """As `POST` says it; nothing needs checking twice."""
        return RecommendRequest.model_construct(
            user_id=self.user_id,
            k=self.k,
            context=Context.model_construct(device=self.device, os=self.os, country=self.country, region=self.region),
            filters=Filters.model_construct(
                category=self.category, brand=self.brand, price_min=self.price_min, price_max=self.price_max, available=True
            ),
            scope=self.scope,
            exclude=tuple(self.exclude),
            explain=self.explain,
            fields=tuple(self.fields),
        )


class SimilarQuery(_Asked):
    """`GET /similar_items`."""

    item_id: Item
    k: int = _K
    by: SimilarBy = "blend"
    fields: Annotated[list[ItemField], FailFast()] = Field(default=[], max_length=8)


class PopularQuery(_Asked):
    """`GET /popular`."""

    k: int = _K
    category: str | None = _CATEGORY
    fields: Annotated[list[ItemField], FailFast()] = Field(default=[], max_length=8)


class ItemsQuery(_Asked):
    """`GET /items`."""

    category: str | None = _CATEGORY
    brand: str | None = _BRAND
    price_min: int | None = _PRICE
    price_max: int | None = _PRICE
    q: str | None = Field(default=None, min_length=1, max_length=128, description="words the title holds")
    cursor: str | None = Field(default=None, max_length=172, description="`next_cursor` of the page before")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20


def item_filters(asked: Filters | PopularQuery | ItemsQuery) -> ItemFilters:
    """The filters of a request, as the pipeline takes them."""
    if isinstance(asked, PopularQuery):
        return ItemFilters(category=asked.category)
    return ItemFilters(asked.category, asked.brand, asked.price_min, asked.price_max)
