"""Limits of data validation: `datasets.<name>.validate` of params.yaml, with its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one dataset. The defaults fit a shop with a complete catalogue and seasonal trade.

    Shares of lines are refusals above and warnings below; of small tables a few rows are allowed (`checking.FEW_ROWS`).
    """

    unknown_items_share: float = 0.001  # of lines whose item is not in the catalogue
    wrong_amounts_share: float = 0.01  # of lines without a fitting price or quantity; no part learns from these
    outside_period_share: float = 0.001  # of lines outside since .. until
    without_item_share: float = 0.001  # of lines without an item among kinds that need one
    purchases_have_prices: bool = True
    max_price_minor: int = 10_000_000  # a higher price is taken for a wrong unit; depends on the currency
    max_volume_ratio: float = 4.0  # a day may have 1/4 to 4 times the usual events of its weekday
    closed_days: tuple[str, ...] = ()  # dates on which the shop was closed; days without events are no failure then
    max_mix_psi: float = 0.25  # the usual threshold for a shifted population
    empty_shoppers_share: float = 0.01  # of shoppers' states that hold no event
    min_positives_share: float = 1e-4  # of a training set's examples
    max_positives_share: float = 0.5
    max_column_auc: float = 0.995  # a single column that separates labels better probably leaks them

    @classmethod
    def from_params(cls, values: Mapping[str, Any]) -> Self:
        """From a section of params.yaml; raises `TypeError` for an unknown name."""
        limits = cls(**values)
        return replace(limits, closed_days=tuple(str(day) for day in limits.closed_days))
