"""How far an added shop is: trained when, what the gate said, which version is registered and which one is live."""

from dataclasses import dataclass
from typing import Self

from recommndr_training.shops.shop_folder import ShopFolder

NONE = "-"


@dataclass(frozen=True, slots=True)
class ShopState:
    """A shop's state in words."""

    trained: str
    gate: str
    registered: str
    live: str

    @classmethod
    def of(cls, shop: ShopFolder, live_version: int | None) -> Self:
        """The state of a shop whose release record says that `live_version` serves; None without a record."""
        trained, report, version = shop.trained_at(), shop.gate(), shop.registered()
        return cls(
            trained=NONE if trained is None else f"{trained:%Y-%m-%d %H:%M}",
            gate=NONE if report is None else f"passed, {report.method}" if report.passed else "refused",
            registered=NONE if version is None else f"version {version['model_version']} ({version['bundle_version']})",
            live=NONE if live_version is None else str(live_version),
        )
