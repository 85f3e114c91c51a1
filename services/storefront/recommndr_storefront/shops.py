"""The live shops and the shoppers in the switcher. Going live writes the file; it is read at every request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from recommndr.identity import Tenant, User
from recommndr.settings import Settings


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shopper(_Frozen):
    """A shopper in the switcher."""

    user_id: User
    label: str
    kind: Literal["cold", "warm", "hot"] = Field(description="how many events the shopper has")


class Department(_Frozen):
    """A root category, with the catalogue's and the shown name, and its brands with most items."""

    name: str
    label: str
    brands: tuple[str, ...] = ()


class Shop(_Frozen):
    """One shop's front."""

    tenant: Tenant
    name: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    shoppers: tuple[Shopper, ...]
    departments: tuple[Department, ...] = ()
    brands: tuple[str, ...] = ()

    def has_shopper(self, user_id: str) -> bool:
        """Whether the switcher has this shopper."""
        return any(shopper.user_id == user_id for shopper in self.shoppers)


class Shops(_Frozen):
    """The file's content."""

    shops: tuple[Shop, ...] = ()

    def find(self, tenant: str) -> Shop | None:
        """The shop of a tenant."""
        return next((shop for shop in self.shops if shop.tenant == tenant), None)


def shops_file(settings: Settings) -> Path:
    """The file of an installation's shops."""
    return settings.state_dir / "storefront" / "shops.json"


def read_shops(path: Path) -> Shops:
    """The live shops; none before the first."""
    try:
        return Shops.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Shops()


def write_shops(path: Path, shops: Sequence[Shop]) -> None:
    """Replace the file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(Shops(shops=tuple(shops)).model_dump_json(indent=2))
    draft.replace(path)
