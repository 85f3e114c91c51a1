"""Learns the variants of a ranker (`ranker_recipe`) with LightGBM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from recommndr_engine.columns import NAMES
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.ranking import forest
from recommndr_training.ranking.pruned_forest import pruned
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import VARIANTS, Leaves, Objective, Recipe, Variant

_TRUNCATION = 20  # LambdaMART compares pairs with one of the first twenty; lists are seldom read further
_EARLY_FIGURES: dict[Objective, dict[str, Any]] = {
    "binary": {"metric": "binary_logloss"},
    "lambdarank": {"metric": "ndcg", "eval_at": [10]},
}


@dataclass(frozen=True, slots=True)
class Part:
    """One learnt objective of a variant."""

    booster: lgb.Booster
    n_trees: int
    spread: float  # standard deviation of its scores on the tuning cut


class Fits:
    """Boosters over one learning table, with the number of trees chosen on one tuning table; each is fitted once."""

    def __init__(self, learning: LearningTable, tuning: LearningTable, options: RankerParams) -> None:
        self._options, self._tuning = options, tuning
        self._learn_set = _dataset(learning, options)
        self._tune_set = self._learn_set.create_valid(tuning.matrix, tuning.labels, group=tuning.groups)
        self._known: dict[tuple[Objective, Leaves], Part] = {}

    def parts(self, variant: Variant) -> list[Part]:
        """The boosters of a variant."""
        return [self._part(objective, variant.leaves) for objective in variant.objectives]

    def _part(self, objective: Objective, leaves: Leaves) -> Part:
        if (objective, leaves) not in self._known:
            options = self._options
            booster = lgb.train(
                _settings(objective, leaves, options),
                self._learn_set,
                options.max_trees,
                [self._tune_set],
                callbacks=[lgb.early_stopping(options.patience, verbose=False)],
            )
            n_trees = booster.best_iteration or options.max_trees
            spread = float(np.std(booster.predict(self._tuning.matrix, raw_score=True, num_iteration=n_trees)))
            self._known[objective, leaves] = Part(forest.first_trees(booster, n_trees), n_trees, spread)
        return self._known[objective, leaves]


def recipe(name: str, parts: Sequence[Part]) -> Recipe:
    """How to learn the variant of this name again, with the parts' numbers of trees and spreads."""
    return Recipe(name, tuple(part.n_trees for part in parts), tuple(part.spread for part in parts))


def learn(chosen: Recipe, table: LearningTable, options: RankerParams) -> list[Part]:
    """The boosters of a recipe over a table."""
    variant, whole = VARIANTS[chosen.variant], _dataset(table, options)
    return [
        Part(pruned(lgb.train(_settings(objective, variant.leaves, options), whole, n_trees), chosen.splits), n_trees, spread)
        for objective, n_trees, spread in zip(variant.objectives, chosen.n_trees, chosen.spreads, strict=True)
    ]


def summed(parts: Sequence[Part]) -> lgb.Booster:
    """One forest: the sum of the parts' scores, each divided by its spread; a single part stays as it is."""
    if len(parts) == 1:
        return forest.with_float_thresholds(parts[0].booster)
    scaled = [forest.scaled(part.booster, 1.0 / part.spread) if part.spread > 0.0 else part.booster for part in parts]
    return forest.with_float_thresholds(forest.joined(scaled))


def gains(parts: Sequence[Part]) -> dict[str, float]:
    """Each column's share of the gain, averaged over the parts; all 0 where no column tells anything."""
    shares = np.mean([_shares(part.booster.feature_importance("gain")) for part in parts], axis=0)
    return dict(zip(NAMES, shares.round(5).tolist(), strict=True))


def _shares(gain: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    return gain / gain.sum() if gain.any() else gain


def _dataset(table: LearningTable, options: RankerParams) -> lgb.Dataset:
    settings = _settings("binary", "usual", options)
    return lgb.Dataset(table.matrix, table.labels, group=table.groups, feature_name=list(NAMES), params=settings)


def _settings(objective: Objective, leaves: Leaves, options: RankerParams) -> dict[str, Any]:
    n_leaves, min_leaf = options.n_leaves, options.min_leaf_examples
    if leaves == "small":
        n_leaves, min_leaf = max(2, n_leaves // 2), max(1, min_leaf // 5)
    return {
        "objective": objective,
        **_EARLY_FIGURES[objective],
        "lambdarank_truncation_level": _TRUNCATION,
        "num_leaves": n_leaves,
        "learning_rate": options.learning_rate,
        "min_data_in_leaf": min_leaf,
        "feature_pre_filter": False,  # one data set for all sizes of leaves
        "num_threads": options.n_processes,
        "seed": options.seed,
        "deterministic": True,
        "force_row_wise": True,  # choosing by timing would not be deterministic
        "verbose": -1,
    }
