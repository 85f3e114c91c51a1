"""The ranker that ships: learnt with the judged ranker's recipe, from one cut more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from recommndr_engine.ranker import RANKER_FILE
from recommndr_training import params, stage_files
from recommndr_training.data import coded_lines, logins
from recommndr_training.examples import asking, examples, rolling
from recommndr_training.examples.asking import Asking
from recommndr_training.examples.examples import Examples
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.params import DataParams
from recommndr_training.ranking import onnx_trees, ranker, ranker_variants
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import Recipe
from recommndr_training.retrieval import kept_retrievers, retriever_fits
from recommndr_training.retrieval.retriever_fits import Options


def learn(parts: Sequence[Examples], recipe: Recipe, options: RankerParams) -> bytes:
    """The recipe over all parts, as ONNX."""
    booster = ranker_variants.summed(ranker_variants.learn(recipe, LearningTable.of(parts), options))
    onnx = onnx_trees.convert(booster)
    onnx_trees.check_parity(booster, onnx, parts[-1].matrix, parts[-1].requests)
    return onnx


@dataclass(frozen=True, slots=True)
class Learning:
    """All that a ranker is learnt with, but for the data."""

    retrievers: Sequence[str]
    options: Options  # of the retrievers' stages
    ranker: RankerParams
    recipe: Recipe
    asking: Asking


def write(learning: Learning, data: DataParams, out: Path) -> None:
    """Learn from the lines and items below `out`, which end at the gate cut of `data`, and write the ranker there."""
    options = learning.ranker
    lines = coded_lines.read(out / stage_files.TRAIN_LINES)
    items = pd.read_parquet(out / stage_files.ITEMS)
    task = rolling.Task.over(
        lines,
        items,
        data,
        options=learning.options,
        share_of_negatives=options.share_of_negatives,
        seed=options.seed,
        retrievers=learning.retrievers,
        asking=learning.asking,
        logins=logins.read(out / stage_files.TRAIN_LOGINS),
    )
    cuts_s = ranker.cuts_of(task.known, data.gate_cut_s, task.horizon_s, options)
    *earlier, newest = rolling.examples_at(task, lines, data, cuts_s, options.n_processes)
    newest = examples.sample(newest, options.share_of_negatives, options.seed)
    (out / RANKER_FILE).parent.mkdir(parents=True, exist_ok=True)
    (out / RANKER_FILE).write_bytes(learn([*earlier, newest], learning.recipe, options))


def refit(profile: str, data: DataParams, judged: Path, out: Path) -> None:
    """Learn from the data below `out` by the recipe below `judged`, from one cut more."""
    options = RankerParams(**params.section(profile, "ranker"))
    recipe = Recipe.from_json(stage_files.load_json(judged / ranker.REPORT)["recipe"])
    one_more = replace(options, max_cuts=options.max_cuts + 1)
    write(
        Learning(
            kept_retrievers.names(judged), retriever_fits.options_of(profile), one_more, recipe, asking.of_profile(profile)
        ),
        data,
        out,
    )
    stage_files.save_parameters(out / ranker.PARAMETERS, stage_files.load_json(judged / ranker.PARAMETERS))
