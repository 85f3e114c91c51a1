"""Requests and answers of the API, made from `docs/openapi.json` by `make docs`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Availability(TypedDict):
    available: bool


class BrandCount(TypedDict):
    brand: str
    n_items: int


class CatalogItem(TypedDict):
    available_from: NotRequired[str | None]
    available_until: NotRequired[str | None]
    brand: NotRequired[str | None]
    category_path: NotRequired[list[str]]
    currency: NotRequired[str | None]
    group_id: NotRequired[str | None]
    image_url: NotRequired[str | None]
    item_id: str
    price_minor: NotRequired[int | None]
    tags: NotRequired[list[str]]
    title: str


class CategoryCount(TypedDict):
    category: list[str]
    n_items: int


class Context(TypedDict):
    country: NotRequired[str | None]
    device: NotRequired[str | None]
    os: NotRequired[str | None]
    page: NotRequired[str | None]
    referrer: NotRequired[str | None]
    region: NotRequired[str | None]


class ErasureAccepted(TypedDict):
    event_id: str
    status: int


class EventAccepted(TypedDict):
    event_id: str
    status: int


class Evidence(TypedDict):
    baskets: int
    lift: float
    lift_interval: tuple[float, float]
    share: float
    with_item_id: str


class Experiment(TypedDict):
    arm: Literal['stable', 'challenger', 'previous', 'none']
    name: str | None


class Explanation(TypedDict):
    days_between_orders: float | None
    inputs: NotRequired[dict[str, float | None] | None]
    orders: int | None
    rank_by_score: NotRequired[int | None]
    retrievers: NotRequired[dict[str, float] | None]


class FieldProblem(TypedDict):
    expected: str
    field: str
    value: str


class Filters(TypedDict):
    available: NotRequired[bool]
    brand: NotRequired[str | None]
    category: NotRequired[list[str]]
    price_max: NotRequired[int | None]
    price_min: NotRequired[int | None]


class ItemBundle(TypedDict):
    currency: str | None
    item_ids: list[str]
    price_minor: int | None


class ItemsAccepted(TypedDict):
    accepted: int
    status: int


class KeptPlace(TypedDict):
    holds: str
    place: str
    until: str


class KindCounter(TypedDict):
    kind: str
    newest_at: str
    sums: dict[str, float]


class KnownShopper(TypedDict):
    country: str | None
    device: str | None
    n_events: int
    os: str | None
    region: str | None


class LastContext(TypedDict):
    country: str | None
    device: str | None
    os: str | None
    region: str | None


class Line(TypedDict):
    currency: NotRequired[str | None]
    item_id: str
    position: NotRequired[int | None]
    price_minor: NotRequired[int | None]
    quantity: NotRequired[int]


class ListedItem(TypedDict):
    brand: NotRequired[str | None]
    category_path: NotRequired[list[str] | None]
    currency: NotRequired[str | None]
    explanation: NotRequired[Explanation | None]
    group_id: NotRequired[str | None]
    image_url: NotRequired[str | None]
    item_id: str
    price_minor: NotRequired[int | None]
    rank: int
    reason: str
    score: float
    sources: list[str]
    tags: NotRequired[list[str] | None]
    title: NotRequired[str | None]


class Pin(TypedDict):
    category: NotRequired[list[str]]
    end: NotRequired[str | float | None]
    item_id: str
    kind: Literal['pin']
    lists: NotRequired[list[Literal['recommend', 'similar_items', 'popular', 'trending']]]
    place: int
    reason: str
    start: NotRequired[str | float | None]


class PriceCount(TypedDict):
    n_items: int
    price_max: int | None
    price_min: int | None


class ProblemAnswer(TypedDict):
    detail: str
    errors: NotRequired[list[FieldProblem]]
    expected: NotRequired[str | None]
    field: NotRequired[str | None]
    status: int
    title: str
    type: str
    value: NotRequired[str | None]


class PurchasedItem(TypedDict):
    first_at: str
    item_id: str
    last_at: str
    n_orders: int


class Rail(TypedDict):
    diversity: NotRequired[float | None]
    exclude: NotRequired[list[str]]
    explain: NotRequired[bool | Literal['inputs']]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]
    filters: NotRequired[Filters]
    k: NotRequired[int]
    max_per_brand: NotRequired[int | None]
    max_per_category: NotRequired[int | None]
    scope: NotRequired[Literal['mixed', 'discover', 'unseen', 'buy_again']]


class RecentItem(TypedDict):
    at: str
    item_id: str
    kind: str


class RemovedRule(TypedDict):
    rule_id: str
    status: Literal['removed']


class RuleDone(TypedDict):
    kept_out: int | None
    kind: Literal['pin', 'boost', 'bury', 'block', 'cap', 'not_again']
    ranks: list[int]
    rule_id: str


class RunningRelease(TypedDict):
    id: str
    phase: str
    weights: dict[str, int]


class SearchFacets(TypedDict):
    brands: list[BrandCount]
    categories: list[CategoryCount]
    prices: list[PriceCount]


class ShopperContext(TypedDict):
    country: NotRequired[str | None]
    device: NotRequired[str | None]
    os: NotRequired[str | None]
    region: NotRequired[str | None]


class ShopperProfile(TypedDict):
    context: LastContext
    counters: list[KindCounter]
    n_events: int
    n_owned: int | None
    n_seen: int | None
    purchased: list[PurchasedItem]
    recent: list[RecentItem]


class ShownItem(TypedDict):
    available: bool
    available_from: NotRequired[str | None]
    available_until: NotRequired[str | None]
    brand: NotRequired[str | None]
    category_path: NotRequired[list[str]]
    currency: NotRequired[str | None]
    group_id: NotRequired[str | None]
    image_url: NotRequired[str | None]
    item_id: str
    price_minor: NotRequired[int | None]
    tags: NotRequired[list[str]]
    title: str


class Target(TypedDict):
    brand: NotRequired[str | None]
    category: NotRequired[list[str]]
    items: NotRequired[list[str]]


class TokenAnswer(TypedDict):
    expires_at: str
    expires_in_s: int
    token: str


class TokenRequest(TypedDict):
    user_id: str


class TrainingData(TypedDict):
    n_items: int
    n_lines: int
    since: str
    until: str


class UserProfile(TypedDict):
    overrides_applied: list[str]
    stored: KnownShopper | None
    used: KnownShopper | None


class FrequentlyBoughtTogetherGetParametersQuery(TypedDict):
    k: NotRequired[int]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]
    item_id: list[str]


class ItemsGetParametersQuery(TypedDict):
    category: NotRequired[list[str]]
    brand: NotRequired[str | None]
    price_min: NotRequired[int | None]
    price_max: NotRequired[int | None]
    available: NotRequired[bool]
    cursor: NotRequired[str | None]
    limit: NotRequired[int]


ItemsPutRequest: TypeAlias = list[CatalogItem]


class PopularGetParametersQuery(TypedDict):
    device: NotRequired[str | None]
    os: NotRequired[str | None]
    country: NotRequired[str | None]
    region: NotRequired[str | None]
    category: NotRequired[list[str]]
    brand: NotRequired[str | None]
    price_min: NotRequired[int | None]
    price_max: NotRequired[int | None]
    available: NotRequired[bool]
    k: NotRequired[int]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]


class RecommendGetParametersQuery(TypedDict):
    category: NotRequired[list[str]]
    brand: NotRequired[str | None]
    price_min: NotRequired[int | None]
    price_max: NotRequired[int | None]
    available: NotRequired[bool]
    device: NotRequired[str | None]
    os: NotRequired[str | None]
    country: NotRequired[str | None]
    region: NotRequired[str | None]
    user_id: str
    cart: NotRequired[list[str]]
    viewed: NotRequired[list[str]]
    k: NotRequired[int]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]
    scope: NotRequired[Literal['mixed', 'discover', 'unseen', 'buy_again']]
    exclude: NotRequired[list[str]]
    max_per_category: NotRequired[int | None]
    max_per_brand: NotRequired[int | None]
    diversity: NotRequired[float | None]
    explain: NotRequired[bool | Literal['inputs']]


class SearchGetParametersQuery(TypedDict):
    category: NotRequired[list[str]]
    brand: NotRequired[str | None]
    price_min: NotRequired[int | None]
    price_max: NotRequired[int | None]
    available: NotRequired[bool]
    q: NotRequired[str]
    sort: NotRequired[Literal['relevance', 'popularity', 'price_up', 'price_down']]
    facets: NotRequired[bool]
    cursor: NotRequired[str | None]
    limit: NotRequired[int]


class SimilarItemsGetParametersQuery(TypedDict):
    k: NotRequired[int]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]
    item_id: str
    by: NotRequired[Literal['als', 'neighbours', 'blend']]


class TrendingGetParametersQuery(TypedDict):
    category: NotRequired[list[str]]
    brand: NotRequired[str | None]
    price_min: NotRequired[int | None]
    price_max: NotRequired[int | None]
    available: NotRequired[bool]
    k: NotRequired[int]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]


class BatchRequest(TypedDict):
    cart: NotRequired[list[str]]
    context: NotRequired[ShopperContext]
    lists: list[Rail]
    user_id: str
    viewed: NotRequired[list[str]]


class Block(TypedDict):
    end: NotRequired[str | float | None]
    kind: Literal['block']
    reason: str
    start: NotRequired[str | float | None]
    target: Target


class Boost(TypedDict):
    end: NotRequired[str | float | None]
    factor: float
    kind: Literal['boost']
    reason: str
    start: NotRequired[str | float | None]
    target: Target


class Bury(TypedDict):
    end: NotRequired[str | float | None]
    factor: float
    kind: Literal['bury']
    reason: str
    start: NotRequired[str | float | None]
    target: Target


class Cap(TypedDict):
    at_most: int
    end: NotRequired[str | float | None]
    kind: Literal['cap']
    per: NotRequired[Literal['brand', 'category'] | None]
    reason: str
    start: NotRequired[str | float | None]
    target: NotRequired[Target | None]


class ClientIdentify(TypedDict):
    attribution: NotRequired[str | None]
    context: NotRequired[Context]
    event_id: str
    guest_id: str
    kind: Literal['identify']
    lines: NotRequired[list[Any]]
    occurred_at: str | float
    schema_version: NotRequired[Literal[1]]
    session_id: NotRequired[str | None]
    user_id: str


class ClientInteraction(TypedDict):
    attribution: NotRequired[str | None]
    context: NotRequired[Context]
    event_id: str
    kind: Literal['view', 'click', 'add_to_cart', 'purchase', 'favorite', 'like', 'share', 'dislike', 'remove_from_cart', 'impression'] | str
    lines: list[Line]
    occurred_at: str | float
    schema_version: NotRequired[Literal[1]]
    session_id: NotRequired[str | None]
    user_id: str


class ClientSearch(TypedDict):
    attribution: NotRequired[str | None]
    context: NotRequired[Context]
    event_id: str
    kind: Literal['search']
    lines: NotRequired[list[Any]]
    occurred_at: str | float
    query: str
    schema_version: NotRequired[Literal[1]]
    session_id: NotRequired[str | None]
    user_id: str


class CompanionItem(TypedDict):
    brand: NotRequired[str | None]
    category_path: NotRequired[list[str] | None]
    currency: NotRequired[str | None]
    evidence: NotRequired[Evidence | None]
    explanation: NotRequired[Explanation | None]
    group_id: NotRequired[str | None]
    image_url: NotRequired[str | None]
    item_id: str
    price_minor: NotRequired[int | None]
    rank: int
    reason: str
    score: float
    sources: list[str]
    tags: NotRequired[list[str] | None]
    title: NotRequired[str | None]


class EventOutcome(TypedDict):
    event_id: str | None
    problem: NotRequired[ProblemAnswer | None]
    status: int


class EventOutcomes(TypedDict):
    results: list[EventOutcome]


class GuestProfile(TypedDict):
    profile: ShopperProfile
    user_id: str


class ItemPage(TypedDict):
    items: list[ShownItem]
    next_cursor: str | None


class ListAnswer(TypedDict):
    attribution: str | None
    experiment: Experiment
    items: list[ListedItem]
    ladder: Literal['full', 'empty', 'no_ranker', 'no_user_features', 'contextual_popularity', 'static']
    method_used: str
    model_version: str | None
    request_id: str
    took_ms: float


class NotAgain(TypedDict):
    days: int
    end: NotRequired[str | float | None]
    kind: Literal['not_again']
    reason: str
    start: NotRequired[str | float | None]
    target: NotRequired[Target | None]


class PageList(TypedDict):
    attribution: str | None
    experiment: Experiment
    items: list[ListedItem]
    ladder: Literal['full', 'empty', 'no_ranker', 'no_user_features', 'contextual_popularity', 'static']
    method_used: str
    model_version: str | None
    request_id: str
    rules: NotRequired[list[RuleDone] | None]
    user_profile: UserProfile


class RecommendAnswer(TypedDict):
    attribution: str | None
    experiment: Experiment
    items: list[ListedItem]
    ladder: Literal['full', 'empty', 'no_ranker', 'no_user_features', 'contextual_popularity', 'static']
    method_used: str
    model_version: str | None
    request_id: str
    rules: NotRequired[list[RuleDone] | None]
    took_ms: float
    user_profile: UserProfile


class RecommendRequest(TypedDict):
    cart: NotRequired[list[str]]
    context: NotRequired[ShopperContext]
    diversity: NotRequired[float | None]
    exclude: NotRequired[list[str]]
    explain: NotRequired[bool | Literal['inputs']]
    fields: NotRequired[list[Literal['title', 'category_path', 'brand', 'price_minor', 'currency', 'image_url', 'tags', 'group_id']]]
    filters: NotRequired[Filters]
    k: NotRequired[int]
    max_per_brand: NotRequired[int | None]
    max_per_category: NotRequired[int | None]
    scope: NotRequired[Literal['mixed', 'discover', 'unseen', 'buy_again']]
    user_id: str
    viewed: NotRequired[list[str]]


class RuleAnswer(TypedDict):
    in_force: bool
    rule: Pin | Boost | Bury | Block | Cap | NotAgain
    rule_id: str
    set_at: str
    set_by: str
    warnings: list[str]


class RulesAnswer(TypedDict):
    record_version: int
    rules: list[RuleAnswer]


class SearchPage(TypedDict):
    facets: SearchFacets | None
    items: list[ShownItem]
    matched: Literal['all', 'some', 'none'] | None
    next_cursor: str | None
    total: int


class ServedVersion(TypedDict):
    arm: Literal['stable', 'challenger', 'previous', 'none']
    metrics: dict[str, float]
    model_version: int | None
    release: RunningRelease | None
    since: str | None
    slot: str
    tenant: str
    trained: TrainingData | None
    version: str | None


class ShopperData(TypedDict):
    guests: list[GuestProfile]
    kept: list[KeptPlace]
    profile: ShopperProfile
    user_id: str


class TogetherAnswer(TypedDict):
    attribution: str | None
    bundle: ItemBundle | None
    experiment: Experiment
    items: list[CompanionItem]
    ladder: Literal['full', 'empty', 'no_ranker', 'no_user_features', 'contextual_popularity', 'static']
    method_used: str
    model_version: str | None
    request_id: str
    took_ms: float


EventsPostRequest: TypeAlias = ClientInteraction | ClientSearch | ClientIdentify | list[ClientInteraction | ClientSearch | ClientIdentify]


RulesRuleIdPutRequest: TypeAlias = Pin | Boost | Bury | Block | Cap | NotAgain


class BatchAnswer(TypedDict):
    lists: list[PageList]
    took_ms: float
