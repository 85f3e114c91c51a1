"""An item as the shop describes it: topic `recommndr.catalog.v1`, JSON, keyed `tenant|item`, always the whole item.

Availability has its own topic (`recommndr.availability.v1`), because it changes often and without the rest of the item.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from recommndr.events import MAX_PRICE_MINOR
from recommndr.identity import Item
from recommndr.instant import Instant

_Name = Annotated[str, Field(max_length=128)]

_WEB_ADDRESS = r"^[hH][tT][tT][pP][sS]?://[^\s/?#\\\"'<>]+[^\s\\\"'<>]*$"


class CatalogItem(BaseModel):
    """One item of a tenant's catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    item_id: Item
    title: str = Field(min_length=1, max_length=512)
    category_path: tuple[_Name, ...] = Field(default=(), max_length=8, description="root first, leaf last")
    brand: str | None = Field(default=None, max_length=128)
    price_minor: int | None = Field(default=None, ge=0, le=MAX_PRICE_MINOR)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    # Pages put it into `src`, so only web addresses are allowed.
    image_url: str | None = Field(default=None, max_length=2048, pattern=_WEB_ADDRESS, description="http:// or https://")
    tags: tuple[_Name, ...] = Field(default=(), max_length=64)
    group_id: str | None = Field(default=None, max_length=128, description="parent of colours and sizes")
    available_from: Instant | None = None
    available_until: Instant | None = None


def stored_item(value: bytes) -> CatalogItem:
    """An item as a record of the topic holds it; raises `pydantic.ValidationError`.

    An older record may hold a picture that is not a web address: the item is kept without the picture.
    """
    try:
        return CatalogItem.model_validate_json(value)
    except ValidationError as cause:
        if [error["loc"] for error in cause.errors(include_url=False, include_input=False)] != [("image_url",)]:
            raise
    return CatalogItem.model_validate_json(to_json(from_json(value) | {"image_url": None}))


class Availability(BaseModel):
    """Whether an item is in stock; no record means it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    available: bool
