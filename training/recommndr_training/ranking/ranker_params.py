"""What can be set of stage ranker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankerParams:
    """Rolling cuts and trees. Fewer trees hurt new items most: 100 instead of 250 cost 0.5 % on all items, 7 % on new ones."""

    max_cuts: int = 13  # with the tuning cut
    cut_spacing_days: float = 14.0  # the label horizon where that is shorter; 0.25 is four cuts a day
    share_of_negatives: float = 0.25
    variants: tuple[str, ...] = ()  # names of `ranker_recipe.VARIANTS` that are compared; none named: all
    max_trees: int = 300
    patience: int = 25  # trees without a better figure on the tuning cut
    n_leaves: int = 31
    learning_rate: float = 0.06
    min_leaf_examples: int = 100
    max_choice_examples: int = 500_000  # that variants are compared on; the winner learns from all
    max_choice_shoppers: int = 1_000  # of the tuning cut, who judge variants
    ablation_trees: int = 80  # of the rankers that show what each retriever adds; 0 leaves the comparison out
    n_processes: int = 2
    seed: int = 0
