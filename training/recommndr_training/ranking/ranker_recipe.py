"""The ways in which a ranker can be learnt, of which the tuning cut chooses one (`ranker_choice`), and what it chose.

Log-loss is better at new items and tells probabilities, LambdaMART is better at the top of what a shopper buys again. The sum
of both, each divided by its spread, was never far from the better one (grocer, Online Retail). Small leaves suit small shops:
on RetailRocket 15 leaves of 20 examples and more raised new items from .0332 to .0517.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from recommndr_engine.candidates import MAX_CANDIDATES

Objective = Literal["binary", "lambdarank"]
Leaves = Literal["usual", "small"]


@dataclass(frozen=True, slots=True)
class Variant:
    """Objectives whose scores are summed, and the size of leaves."""

    objectives: tuple[Objective, ...]
    leaves: Leaves

    @property
    def tells_odds(self) -> bool:
        """Whether its scores are log-odds. LambdaMART's have no zero of their own: another fit may lie elsewhere."""
        return self.objectives == ("binary",)


DEFAULT = "binary"
VARIANTS: Mapping[str, Variant] = {
    DEFAULT: Variant(("binary",), "usual"),
    "binary_small_leaves": Variant(("binary",), "small"),
    "lambdamart": Variant(("lambdarank",), "usual"),
    "lambdamart_small_leaves": Variant(("lambdarank",), "small"),
    "sum": Variant(("binary", "lambdarank"), "usual"),
    "sum_small_leaves": Variant(("binary", "lambdarank"), "small"),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A variant with its first cut and size; for each of its objectives the number of trees and the spread of its scores."""

    variant: str  # a name of `VARIANTS`
    n_trees: tuple[int, ...]
    spreads: tuple[float, ...]  # scores are divided by them
    n_ranked: int = MAX_CANDIDATES  # candidates that it scores, the best of the blended scores
    splits: float = 1.0  # share of the splits that stay, those of the most gain

    def to_json(self) -> dict[str, Any]:
        """For the stage's report."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Recipe":
        """What `to_json` gave and JSON kept."""
        return cls(**{**values, "n_trees": tuple(values["n_trees"]), "spreads": tuple(values["spreads"])})
