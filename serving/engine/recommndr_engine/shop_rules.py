"""What a shop lets nobody see of its catalogue, whatever answers: blocked categories, brands that are codes."""

from dataclasses import dataclass

from recommndr.catalog import CatalogItem


@dataclass(frozen=True, slots=True)
class ShopRules:
    """Rules on showing. Ranking does not read them: hidden items and brands count as before."""

    blocked_categories: tuple[tuple[str, ...], ...] = ()  # paths from the root
    unnamed_brand_prefix: str | None = None  # brands that begin so are codes

    def shown(self, item: CatalogItem) -> CatalogItem | None:
        """The item as shoppers may see it; None: not at all."""
        if any(item.category_path[: len(path)] == path for path in self.blocked_categories):
            return None
        if self.unnamed_brand_prefix is not None and item.brand and item.brand.startswith(self.unnamed_brand_prefix):
            return item.model_copy(update={"brand": None})
        return item


SHOW_ALL = ShopRules()
