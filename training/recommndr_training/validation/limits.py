"""Limits of data validation: `datasets.<name>.validate` of params.yaml, with its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Limits:
    """What one data set may do. The defaults fit a shop whose catalogue is complete and whose trade is seasonal."""

    unknown_items_share: float = 0.0  # of lines whose item the catalogue lacks
    outside_period_share: float = 0.001  # of lines read that lie outside since .. until
    without_item_share: float = 0.001  # of lines of kinds that are about an item
    purchases_have_prices: bool = True
    max_price_minor: int = 10_000_000  # above it a price is taken for a mistake of units; currencies differ
    max_volume_ratio: float = 4.0  # a day may have 1/4 to 4 times the usual events of its weekday
    closed_days: tuple[str, ...] = ()  # dates on which the shop was shut: no events there is no failure
    max_mix_psi: float = 0.25  # the usual mark of a population that has shifted
    empty_shoppers_share: float = 0.01  # of shoppers' states that hold no event
    min_positives_share: float = 1e-4  # of a training set's examples
    max_positives_share: float = 0.5
    max_column_auc: float = 0.995  # a single column that separates labels better knows the answer

    @classmethod
    def from_params(cls, values: Mapping[str, Any]) -> Self:
        """From a section of params.yaml; raises `TypeError` for a name that is none of these."""
        limits = cls(**values)
        return replace(limits, closed_days=tuple(str(day) for day in limits.closed_days))
