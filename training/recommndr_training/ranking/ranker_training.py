"""Trains a ranker: chooses its variant and number of trees on the tuning cut, then learns from all cuts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommndr_engine.pipeline_config import RANKER
from recommndr_training.examples import examples
from recommndr_training.examples.examples import Examples
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.ranking import calibration, first_cut, onnx_trees, ranker_sizes, ranker_variants, tuning_quality
from recommndr_training.ranking.calibration import Bin
from recommndr_training.ranking.first_cut import FirstCut
from recommndr_training.ranking.ranker_choice import Compared, chosen, compare, simple_methods
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import DEFAULT, VARIANTS, Recipe
from recommndr_training.ranking.ranker_sizes import Size
from recommndr_training.ranking.ranker_variants import Fits, Part, summed
from recommndr_training.relative_gain import Figures


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained ranker and how it was chosen."""

    onnx: bytes
    n_trees: int
    parity: float  # largest difference between LightGBM and ONNX
    gains: dict[str, float]  # share of the total gain by column
    recipe: Recipe
    variants: dict[str, Compared]  # on the tuning cut, against log-loss
    size: str  # of `sizes`, the one that ships
    sizes: list[Size]
    first_cuts: list[FirstCut]
    calibration: Sequence[Bin]  # of the tuning cut's candidates; empty where scores are no log-odds
    against_ranker: dict[str, Compared]  # methods without a ranker on the tuning cut, against the chosen variant


def train(
    learning: Sequence[Examples], tuning: Examples, options: RankerParams, overlapping: Sequence[Examples] = ()
) -> Trained | None:
    """Choose a variant and its number of trees on `tuning`, then train it on all; convert to ONNX and check equality.

    Labels of `overlapping` lie in the tuning period, so they have no say in what is chosen. None where no column tells
    anything, so that there is no tree.
    """
    tuning_sample = examples.sample(tuning, options.share_of_negatives, options.seed)
    tuned = LearningTable.of([tuning_sample])
    table = LearningTable.of(learning)
    judges = tuning_quality.of_some(tuning, options.max_choice_shoppers, options.seed)
    few = table.sampled(options.max_choice_examples, options.seed)
    fits = Fits(few, tuned, options)
    tried = dict.fromkeys((DEFAULT, *(options.variants or VARIANTS)))
    scores_by = {name: _scores(fits.parts(VARIANTS[name]), judges) for name in tried}
    found = {name: _figures(scores, judges) for name, scores in scores_by.items()}
    variants = compare(found, DEFAULT)
    name = chosen(variants)
    parts, scores, figures = fits.parts(VARIANTS[name]), scores_by[name], found[name]
    if few is not table:
        parts = Fits(table, tuned, options).parts(VARIANTS[name])
        scores = _scores(parts, judges)
        figures = _figures(scores, judges)
    sizes = ranker_sizes.sizes(parts, judges, figures)
    size = ranker_sizes.chosen(sizes)
    kept = ranker_sizes.kept(size)
    if size != ranker_sizes.WHOLE:
        parts = ranker_sizes.reduced(parts, kept)
        scores = _scores(parts, judges)
    cuts = first_cut.first_cuts(judges, scores.astype(np.float32))
    recipe = replace(ranker_variants.recipe(name, parts), n_ranked=first_cut.chosen(cuts), splits=kept.splits)
    everything = LearningTable.of([*learning, *overlapping, tuning_sample])
    shipped = ranker_variants.learn(recipe, everything, options)
    gains = ranker_variants.gains(shipped)
    if not any(gains.values()):
        return None
    booster = summed(shipped)
    onnx = onnx_trees.convert(booster)
    return Trained(
        onnx=onnx,
        n_trees=booster.num_trees(),
        parity=onnx_trees.check_parity(booster, onnx, tuning.matrix, tuning.requests),
        gains=gains,
        recipe=recipe,
        variants=variants,
        calibration=_calibration(name, scores, judges, options),
        size=size,
        sizes=sizes,
        first_cuts=cuts,
        against_ranker=compare({RANKER: found[name], **simple_methods(judges)}, RANKER),
    )


def _scores(parts: Sequence[Part], judges: Examples) -> npt.NDArray[np.float64]:
    return np.asarray(summed(parts).predict(judges.matrix, raw_score=True), np.float64)


def _figures(scores: npt.NDArray[np.float64], judges: Examples) -> Figures:
    return tuning_quality.figures(judges, scores.astype(np.float32))


def _calibration(name: str, scores: npt.NDArray[np.float64], judges: Examples, options: RankerParams) -> Sequence[Bin]:
    if not VARIANTS[name].tells_odds:
        return []
    return calibration.bins(scores, judges.bought, options.share_of_negatives)
