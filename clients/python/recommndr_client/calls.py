"""The operations of the API as values: what is asked, and the type of the answer. `Shop.ask` carries them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, Unpack
from urllib.parse import quote
from uuid import uuid4

from recommndr_client.api_types import (
    BatchAnswer,
    BatchRequest,
    CatalogItem,
    ClientInteraction,
    Context,
    ErasureAccepted,
    FrequentlyBoughtTogetherGetParametersQuery,
    ItemPage,
    ItemsAccepted,
    ItemsGetParametersQuery,
    Line,
    ListAnswer,
    PopularGetParametersQuery,
    RecommendAnswer,
    RecommendRequest,
    SearchGetParametersQuery,
    SearchPage,
    ShopperData,
    ShownItem,
    SimilarItemsGetParametersQuery,
    TogetherAnswer,
    TokenAnswer,
    TrendingGetParametersQuery,
)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One request; `user_id` is the shopper to whom the answer is shown."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    user_id: str | None = None


def recommend(**asked: Unpack[RecommendRequest]) -> Call[RecommendAnswer]:
    """A shopper's list."""
    return Call("POST", "/recommend", asked, user_id=asked["user_id"])


def recommend_batch(**asked: Unpack[BatchRequest]) -> Call[BatchAnswer]:
    """The lists of one page; no item is in two of them."""
    return Call("POST", "/recommend/batch", asked, user_id=asked["user_id"])


def similar_items(user_id: str | None = None, **asked: Unpack[SimilarItemsGetParametersQuery]) -> Call[ListAnswer]:
    """Items similar to one item."""
    return Call("GET", "/similar_items", query=asked, user_id=user_id)


def bought_together(
    user_id: str | None = None, **asked: Unpack[FrequentlyBoughtTogetherGetParametersQuery]
) -> Call[TogetherAnswer]:
    """What is bought with an item, or with those of a cart."""
    return Call("GET", "/frequently_bought_together", query=asked, user_id=user_id)


def popular(user_id: str | None = None, **asked: Unpack[PopularGetParametersQuery]) -> Call[ListAnswer]:
    """Best-sellers of now."""
    return Call("GET", "/popular", query=asked, user_id=user_id)


def trending(user_id: str | None = None, **asked: Unpack[TrendingGetParametersQuery]) -> Call[ListAnswer]:
    """What rises."""
    return Call("GET", "/trending", query=asked, user_id=user_id)


def items(**asked: Unpack[ItemsGetParametersQuery]) -> Call[ItemPage]:
    """A page of the catalogue; the next one has `cursor=page["next_cursor"]`."""
    return Call("GET", "/items", query=asked)


def search(**asked: Unpack[SearchGetParametersQuery]) -> Call[SearchPage]:
    """Items that have the words of `q`; the next page has `cursor=page["next_cursor"]`."""
    return Call("GET", "/search", query=asked)


def item(item_id: str) -> Call[ShownItem]:
    """One item of the catalogue."""
    return Call("GET", _path("/items", item_id))


def put_items(written: Sequence[CatalogItem]) -> Call[ItemsAccepted]:
    """Write up to 1,000 whole items."""
    return Call("PUT", "/items", list(written))


def set_available(item_id: str, available: bool) -> Call[ItemsAccepted]:
    """Say whether an item is in stock."""
    return Call("PATCH", f"{_path('/items', item_id)}/availability", {"available": available})


def delete_item(item_id: str) -> Call[ItemsAccepted]:
    """Take an item out of the catalogue."""
    return Call("DELETE", _path("/items", item_id))


def token(user_id: str) -> Call[TokenAnswer]:
    """A token for one shopper's browser."""
    return Call("POST", "/tokens", {"user_id": user_id})


def user(user_id: str) -> Call[ShopperData]:
    """What the platform keeps of a shopper."""
    return Call("GET", _path("/users", user_id))


def erase(user_id: str) -> Call[ErasureAccepted]:
    """Forget a shopper everywhere."""
    return Call("DELETE", _path("/users", user_id))


def event(
    kind: str,
    user_id: str,
    lines: Sequence[Line],
    *,
    at: datetime | None = None,
    attribution: str | None = None,
    context: Context | None = None,
) -> ClientInteraction:
    """An event for `Shop.send`, with an id of its own; `at` must have a zone."""
    made: ClientInteraction = {
        "event_id": str(uuid4()),
        "kind": kind,
        "user_id": user_id,
        "occurred_at": (at or datetime.now(UTC)).isoformat(),
        "lines": list(lines),
    }
    if attribution is not None:
        made["attribution"] = attribution
    if context is not None:
        made["context"] = context
    return made


def _path(prefix: str, entity: str) -> str:
    return f"{prefix}/{quote(entity, safe='')}"
