"""A slot's state of one tenant: the live items, and the bundle that answers."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from recommndr.bundle import Manifest
from recommndr.identity import TenantId
from recommndr.release import Placement, Release
from recommndr.tenancy import TenantPolicy
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.shop_rules import ShopRules
from recommndr_engine.variety import Variety
from recommndr_serving.live.id_order import IdOrder
from recommndr_serving.live.item_pages import ItemPages
from recommndr_serving.rules.tenant_rules import TenantRules
from recommndr_serving.search.catalogue_search import CatalogueSearch


@dataclass(frozen=True, slots=True)
class ServedBundle:
    """A loaded bundle that answers requests."""

    placement: Placement
    manifest: Manifest
    pipeline: Pipeline
    since: datetime


def arm_of(serving: ServedBundle | None, release: Release | None) -> str:
    """The arm of a bundle in a release: stable, challenger, previous, or none."""
    if serving is None or release is None:
        return "none"
    for arm in ("stable", "challenger", "previous"):
        if getattr(release, arm) == serving.placement:
            return arm
    return "none"


@dataclass(slots=True)
class TenantSlot:
    """One tenant in one slot. `serving` and `release` may be replaced at any moment, so an answer reads each once."""

    tenant: TenantId
    policy: TenantPolicy = field(default_factory=TenantPolicy)
    serving: ServedBundle | None = None
    release: Release | None = None
    refused: dict[str, str] = field(default_factory=dict)  # why, by version of a bundle, since it was loaded last
    items: LiveItems = field(init=False)
    variety: Variety = field(init=False)  # of the shop's lists
    pages: ItemPages = field(init=False)
    search: CatalogueSearch = field(init=False)
    rules: TenantRules = field(init=False)  # the shop's business rules

    def __post_init__(self) -> None:
        self.items = LiveItems(rules=ShopRules(self.policy.blocked_categories, self.policy.unnamed_brand_prefix))
        self.variety = Variety(self.policy.max_per_category, self.policy.max_per_brand, self.policy.diversity)
        order = IdOrder(self.items)
        self.pages = ItemPages(self.items, order)
        self.search = CatalogueSearch(self.items, order, self.policy.relative_weights())
        self.rules = TenantRules(self.tenant, self.items)

    def n_shown(self, now_s: float) -> int:
        """Number of items in stock."""
        table = self.items.table
        return int(table.shown(np.arange(len(table), dtype=np.int32), now_s).sum())
