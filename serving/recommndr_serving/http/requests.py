"""The request bodies and queries of the API, with their limits."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, FailFast, Field, TypeAdapter, ValidationError

from recommndr.business_rules import KINDS, MAX_ITEMS, Rule
from recommndr.identity import Item, User
from recommndr.list_scope import Scope
from recommndr_engine.arrays import Rows
from recommndr_engine.filters import ItemFilters
from recommndr_engine.list_request import ListRequest, SimilarBy
from recommndr_engine.live_items import MAX_LEVELS
from recommndr_engine.variety import ANY, Variety
from recommndr_engine.visit import Visit
from recommndr_http.json_shape import Shape, check
from recommndr_http.problem import refused_field, refused_model
from recommndr_serving.search.catalogue_search import Searched, Sort

MAX_K = 100
MAX_EXCLUDE = 500
MAX_VISIT = 100  # items of `cart` and of `viewed`, each; the state keeps the newest 50
MAX_PAGE = 100
MAX_CURSOR = 192  # letters: an id and a place, in base64
MAX_LISTS = 10  # of one page
# A request has 13 fields, its context 4 and its filters 5; the longest lists in it are `exclude`, `cart` and `viewed`.
_REQUEST_SHAPE = Shape(depth=3, n_keys=32, n_commas=MAX_EXCLUDE + 2 * MAX_VISIT + 100)
_BATCH_SHAPE = Shape(depth=5, n_keys=16 + 16 * MAX_LISTS, n_commas=MAX_LISTS * (MAX_EXCLUDE + 100))
_RULE_SHAPE = Shape(depth=3, n_keys=16, n_commas=MAX_ITEMS + 32)
_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)

Body = TypeVar("Body", bound=BaseModel)

# Catalogue fields that a list may contain beside ids and scores.
ItemField = Literal["title", "category_path", "brand", "price_minor", "currency", "image_url", "tags", "group_id"]
_CategoryName = Annotated[str, Field(max_length=128)]

# True: for shoppers. "inputs": also the ranker's inputs, for the shop's own staff.
Explain = bool | Literal["inputs"]

_EXPLAIN = "true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores"
_SCOPE = "discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before"
_CATEGORY = "only items whose category path begins with these names, root first"
_EXCLUDE = "items to leave out, with all other items of their groups of colours and sizes"
_CART = "items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions"
_VIEWED = "items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history"
_TOGETHER = "an item, or several: those of a cart; none of them, nor others of their groups, is in the list"
_MAX_PER_CATEGORY = "places at most for items of one category (the whole path); without it the shop's setting"
_MAX_PER_BRAND = "places at most for items of one brand; without it the shop's setting"
_DIVERSITY = "0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting"
_CURSOR = "`next_cursor` of the previous page"
_WORDS = "words of titles, brands, categories, tags and ids; the last may be incomplete, each may have typos; empty: all items"
_SORT = "relevance: how well the words match, then popularity; items without a price come last when prices order"
_PRICE = Field(default=None, ge=0, description="in minor units")


def _only_true(available: bool) -> bool:
    if not available:
        raise ValueError("expected true: answers never contain items that are out of stock")
    return available


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShopperContext(_Asked):
    """The shopper's current context; replaces stored values."""

    device: str | None = Field(default=None, max_length=64)
    os: str | None = Field(default=None, max_length=64)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    region: str | None = Field(default=None, max_length=64, description="the user id of the shop's events")


class _InCategory(_Asked):
    category: Annotated[tuple[_CategoryName, ...], FailFast()] = Field(default=(), max_length=MAX_LEVELS, description=_CATEGORY)

    def item_filters(self) -> ItemFilters:
        """As the pipeline takes them."""
        return ItemFilters(self.category)


class Filters(_InCategory):
    """Which items may be in the list."""

    brand: str | None = Field(default=None, max_length=128)
    price_min: int | None = _PRICE
    price_max: int | None = _PRICE
    available: Annotated[bool, AfterValidator(_only_true)] = True

    def item_filters(self) -> ItemFilters:
        """As the pipeline takes them."""
        return ItemFilters(self.category, self.brand, self.price_min, self.price_max)


class _List(_Asked):
    k: int = Field(default=10, ge=1, le=MAX_K, description="length of the list")
    fields: Annotated[tuple[ItemField, ...], FailFast()] = Field(
        default=(), max_length=8, description="catalogue fields to return with each item"
    )


class _Chosen(_List):
    scope: Scope = Field(default="mixed", description=_SCOPE)
    exclude: Annotated[tuple[Item, ...], FailFast()] = Field(default=(), max_length=MAX_EXCLUDE, description=_EXCLUDE)
    max_per_category: int | None = Field(default=None, ge=1, le=MAX_K, description=_MAX_PER_CATEGORY)
    max_per_brand: int | None = Field(default=None, ge=1, le=MAX_K, description=_MAX_PER_BRAND)
    diversity: float | None = Field(default=None, ge=0.0, le=1.0, description=_DIVERSITY)
    explain: Explain = Field(default=False, description=_EXPLAIN)


class _Visiting(_Asked):
    user_id: User
    cart: Annotated[tuple[Item, ...], FailFast()] = Field(default=(), max_length=MAX_VISIT, description=_CART)
    viewed: Annotated[tuple[Item, ...], FailFast()] = Field(default=(), max_length=MAX_VISIT, description=_VIEWED)


class _OfShopper(_Chosen, _Visiting):
    pass


class RecommendRequest(_OfShopper):
    """`POST /recommend`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    context: ShopperContext = Field(default=ShopperContext(), validation_alias=AliasChoices("context", "env"))
    filters: Filters = Filters()

    def list_request(self, usual: Variety = ANY) -> ListRequest:
        """As the pipeline takes it; `usual` is the shop's variety, where the request does not ask for another."""
        exclude = (*self.exclude, *self.cart)
        return ListRequest(self.k, self.scope, exclude, self.filters.item_filters(), self._variety(usual))

    def _variety(self, usual: Variety) -> Variety:
        asked = {name: getattr(self, name) for name in ("max_per_category", "max_per_brand", "diversity")}
        asked = {name: value for name, value in asked.items() if value is not None}
        return replace(usual, **asked) if asked else usual

    def visit(self) -> Visit:
        """What it tells of the shopper's visit."""
        return Visit(self.viewed, self.cart)


class Rail(_Chosen):
    """One list of a page."""

    filters: Filters = Filters()


class BatchRequest(_Visiting):
    """`POST /recommend/batch`: the lists of one page, of one shopper."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    context: ShopperContext = Field(default=ShopperContext(), validation_alias=AliasChoices("context", "env"))
    lists: Annotated[tuple[Rail, ...], FailFast()] = Field(
        min_length=1, max_length=MAX_LISTS, description="in the order of the page; no item is in two of them"
    )

    def requests(self) -> list[RecommendRequest]:
        """A request per list; the values are already validated."""
        shared = _parts(self, _Visiting) | {"context": self.context}
        return [RecommendRequest.model_construct(**shared, **_parts(rail, Rail)) for rail in self.lists]


def _parts(values: BaseModel, model: type[BaseModel]) -> dict[str, Any]:
    """The fields of `model` among the values."""
    return {name: getattr(values, name) for name in model.model_fields}


class RecommendQuery(_OfShopper, ShopperContext, Filters):
    """`GET /recommend`: the same fields as a flat query."""

    def to_request(self) -> RecommendRequest:
        """As a `POST` request; the values are already validated."""
        return RecommendRequest.model_construct(
            **_parts(self, _OfShopper),
            context=ShopperContext.model_construct(**_parts(self, ShopperContext)),
            filters=Filters.model_construct(**_parts(self, Filters)),
        )


class SimilarQuery(_List):
    """`GET /similar_items`."""

    item_id: Item
    by: SimilarBy = "blend"


class TogetherQuery(_List):
    """`GET /frequently_bought_together`."""

    item_id: Annotated[tuple[Item, ...], FailFast()] = Field(min_length=1, max_length=MAX_VISIT, description=_TOGETHER)


class TrendingQuery(_List, Filters):
    """`GET /trending`."""

    def list_request(self) -> ListRequest:
        """As the pipeline takes it."""
        return ListRequest(self.k, filters=self.item_filters())


class PopularQuery(TrendingQuery, ShopperContext):
    """`GET /popular`."""

    @property
    def context(self) -> dict[str, str]:
        """The known parts of the context: best-sellers are then those among shoppers with the same."""
        return {name: value for name in ShopperContext.model_fields if (value := getattr(self, name)) is not None}


class ItemsQuery(Filters):
    """`GET /items`."""

    cursor: str | None = Field(default=None, max_length=MAX_CURSOR, description=_CURSOR)
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20


class SearchQuery(Filters):
    """`GET /search`."""

    q: str = Field(default="", max_length=128, description=_WORDS)
    sort: Sort = Field(default="relevance", description=_SORT)
    facets: bool = Field(default=False, description="also return categories, brands and prices to narrow the search by")
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR, description=_CURSOR)
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20

    def searched(self, after: tuple[int, str] | None, blocked: Rows) -> Searched:
        """As the search takes it; `after` is what the cursor says, `blocked` are live rows that rules hide."""
        return Searched(self.q, self.item_filters(), self.sort, self.limit, after, self.facets, blocked)


def recommend_request(payload: bytes) -> RecommendRequest:
    """The request in a body; raises `Problem`."""
    return _read(RecommendRequest, payload, _REQUEST_SHAPE)


def batch_request(payload: bytes) -> BatchRequest:
    """The requests in a body; raises `Problem`."""
    return _read(BatchRequest, payload, _BATCH_SHAPE)


def rule_body(payload: bytes) -> Rule:
    """The rule in a body; raises `Problem`."""
    check(payload, _RULE_SHAPE)
    try:
        return _RULE.validate_json(payload)
    except ValidationError as cause:
        first = cause.errors(include_url=False, include_context=False)[0]
        if str(first["type"]).startswith("union_tag"):  # pydantic names the whole body
            kind = first["input"].get("kind") if isinstance(first["input"], dict) else None
            raise refused_field("kind", kind, f"one of {', '.join(KINDS)}") from None
        raise refused_model(cause, frozenset(KINDS)) from None


def _read(model: type[Body], payload: bytes, shape: Shape) -> Body:
    check(payload, shape)
    try:
        return model.model_validate_json(payload)
    except ValidationError as cause:
        raise refused_model(cause) from None
