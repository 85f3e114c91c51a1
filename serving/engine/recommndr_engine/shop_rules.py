"""A shop's rules on what is never shown: blocked categories, and brands that are codes."""

from dataclasses import dataclass

from recommndr.catalog import CatalogItem


@dataclass(frozen=True, slots=True)
class ShopRules:
    """Rules on showing. Ranking does not use them: hidden items and brands count as before."""

    blocked_categories: tuple[tuple[str, ...], ...] = ()  # paths from the root
    unnamed_brand_prefix: str | None = None  # prefix of brands that are codes

    def shown(self, item: CatalogItem) -> CatalogItem | None:
        """The item as shoppers may see it; None if it is hidden."""
        if any(item.category_path[: len(path)] == path for path in self.blocked_categories):
            return None
        if self.unnamed_brand_prefix is not None and item.brand and item.brand.startswith(self.unnamed_brand_prefix):
            return item.model_copy(update={"brand": None})
        return item


SHOW_ALL = ShopRules()
