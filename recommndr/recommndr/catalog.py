"""An item as the shop describes it: topic `recommndr.catalog.v1`, JSON, keyed `tenant|item`, always the whole item.

Availability lives apart (`recommndr.availability.v1`): it changes often, alone, and is the only truth about itself.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from recommndr.events import MAX_PRICE_MINOR, Instant
from recommndr.identity import Item

_Name = Annotated[str, Field(max_length=128)]


class CatalogItem(BaseModel):
    """One item of a tenant's catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    item_id: Item
    title: str = Field(min_length=1, max_length=512)
    category_path: tuple[_Name, ...] = Field(default=(), max_length=8, description="root first, leaf last")
    brand: str | None = Field(default=None, max_length=128)
    price_minor: int | None = Field(default=None, ge=0, le=MAX_PRICE_MINOR)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    image_url: str | None = Field(default=None, max_length=2048)
    tags: tuple[_Name, ...] = Field(default=(), max_length=64)
    group_id: str | None = Field(default=None, max_length=128, description="parent of colours and sizes")
    available_from: Instant | None = None
    available_until: Instant | None = None


class Availability(BaseModel):
    """Whether an item can be had; no record means it can."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    available: bool
