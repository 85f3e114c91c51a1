"""Stage ranker: gradient-boosted trees over retriever scores and features, trained on rolling cuts.

History decides the number of cuts (`recommndr_training.cuts`). Everything is as it was at the cut
(`recommndr_training.examples`). The last cut is for tuning: it selects the number of trees and the best single method. Tuning
learns from the cuts whose labels end before it. The ranker that ships is then trained on all cuts with that number of trees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import typer

from recommndr_engine import columns
from recommndr_engine import list_metrics as metrics
from recommndr_engine.columns import NAMES
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.pipeline import POPULARITY
from recommndr_engine.ranker import RANKER_FILE, OnnxRanker
from recommndr_engine.retrievers import BY_NAME
from recommndr_training import examples, floors, kept_fits, onnx_trees, params, retriever_fits, rolling, stage_files
from recommndr_training.commands.console import explained
from recommndr_training.cuts import Spacing, cuts_before, n_outside_tuning, n_returning
from recommndr_training.examples import Examples
from recommndr_training.floors import Supply
from recommndr_training.interactions import Interactions
from recommndr_training.kept_fits import KeptFits
from recommndr_training.known_items import KNOWN_S
from recommndr_training.params import DataParams
from recommndr_training.validation.refusal import Refused

PARAMETERS = "ranker/parameters.json"
REPORT = "ranker/report.json"
CHECKS = "ranker_checks"  # outside ranker/: data docs hold timestamps, which would rebuild the stages that depend on the ranker
_DAY_S = 86_400.0
_K = 10


@dataclass(frozen=True, slots=True)
class RankerParams:
    """Rolling cuts and trees. Fewer trees hurt new items most: 100 instead of 250 cost 0.5 % on all items, 7 % on new ones."""

    max_cuts: int = 13  # with the tuning cut
    cut_spacing_days: float = 14.0  # the label horizon where that is shorter; 0.25 is four cuts a day
    share_of_negatives: float = 0.25
    max_trees: int = 300
    patience: int = 25  # trees without a better log-loss on the tuning cut
    n_leaves: int = 31
    learning_rate: float = 0.06
    min_leaf_examples: int = 100
    n_processes: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained ranker with its report."""

    onnx: bytes
    n_trees: int
    parity: float  # largest difference between LightGBM and ONNX
    gains: dict[str, float]  # share of the total gain by column


def cuts_of(known: Interactions, gate_cut_s: float, horizon_s: float, options: RankerParams) -> list[float]:
    """The cuts that this history allows, oldest first; the last one tunes."""
    spacing = Spacing(horizon_s, min(options.cut_spacing_days * _DAY_S, horizon_s), options.max_cuts)
    first_s = float(known.at_s[0]) if len(known) else gate_cut_s
    return cuts_before(gate_cut_s, first_s, spacing, lambda cut_s: n_returning(known, cut_s, horizon_s))


def train(
    learning: Sequence[Examples], tuning: Examples, options: RankerParams, overlapping: Sequence[Examples] = ()
) -> Trained | None:
    """Train on `learning` with the number of trees chosen on `tuning`, then on all; convert to ONNX and check equality.

    Labels of `overlapping` lie in the tuning period, so they have no say in the number of trees. None where no column tells
    anything, so that there is no tree.
    """
    tuned = examples.sample(tuning, options.share_of_negatives, options.seed)
    matrix, bought = (np.concatenate([getattr(part, name) for part in learning]) for name in ("matrix", "bought"))
    settings = _settings(options)
    learn_set = lgb.Dataset(matrix, bought.astype(np.float32), feature_name=list(NAMES), params=settings)
    tune_set = learn_set.create_valid(tuned.matrix, tuned.bought.astype(np.float32))
    first = lgb.train(
        settings, learn_set, options.max_trees, [tune_set], callbacks=[lgb.early_stopping(options.patience, verbose=False)]
    )
    n_trees = first.best_iteration or options.max_trees
    all_set = lgb.Dataset(
        np.concatenate([matrix, *(part.matrix for part in overlapping), tuned.matrix]),
        np.concatenate([bought, *(part.bought for part in overlapping), tuned.bought]).astype(np.float32),
        feature_name=list(NAMES),
        params=settings,
    )
    booster = onnx_trees.with_float_thresholds(lgb.train(settings, all_set, n_trees))
    gain = booster.feature_importance("gain")
    if not gain.any():
        return None
    onnx = onnx_trees.convert(booster)
    parity = onnx_trees.check_parity(booster, onnx, tuning.matrix, tuning.requests)
    return Trained(onnx, n_trees, parity, dict(zip(NAMES, (gain / gain.sum()).round(5).tolist(), strict=True)))


def _settings(options: RankerParams) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": options.n_leaves,
        "learning_rate": options.learning_rate,
        "min_data_in_leaf": options.min_leaf_examples,
        "num_threads": options.n_processes,
        "seed": options.seed,
        "deterministic": True,
        "force_row_wise": True,  # choosing by timing would not be deterministic
        "verbose": -1,
    }


def quality(found: Examples, scores: np.ndarray[Any, np.dtype[np.float32]]) -> dict[str, float]:
    """NDCG@10 of each request's candidates ordered by `scores`: all items, and items new to the shopper."""
    everything = _ndcg(found, scores, np.ones(len(scores), np.bool_), found.n_relevant)
    return {"ndcg_all": everything, "ndcg_new": _ndcg(found, scores, found.new, found.n_relevant_new)}


def _ndcg(found: Examples, scores: np.ndarray[Any, Any], kept: np.ndarray[Any, Any], n_relevant: np.ndarray[Any, Any]) -> float:
    hits = np.zeros((len(found.user_ids), _K), np.bool_)
    kept = kept & (scores > -np.inf)
    order = np.lexsort((-scores[kept], found.requests[kept]))
    requests = found.requests[kept][order]
    starts = np.searchsorted(requests, np.arange(len(found.user_ids)))
    rank = np.arange(len(requests)) - starts[requests]
    top = rank < _K
    hits[requests[top], rank[top]] = found.bought[kept][order][top]
    judged = n_relevant > 0
    if not judged.any():
        return 0.0  # the same for every method: none is better
    return float(metrics.ndcg_at_k(hits[judged], n_relevant[judged], _K).mean())


def report(trained: Trained, tuning: Examples) -> dict[str, Any]:
    """Quality of each single method on the tuning cut (over the same candidates), and the gain of each column.

    The shipped ranker was trained on this cut too, so its figures here would be too good; the gate measures it.
    """
    singles = {}
    for name in BY_NAME:
        scores = tuning.matrix[:, columns.place(score_column(name))]
        singles[name] = quality(tuning, np.where(scores > 0.0, scores, np.float32(-np.inf)))
    return {
        "n_trees": trained.n_trees,
        "onnx_parity": trained.parity,
        "tuning": singles,
        "best_single": {
            "all": best_first(singles, "ndcg_all")[0],
            "new": best_first(singles, "ndcg_new")[0],
        },
        "gains": trained.gains,
    }


def best_first(singles: Mapping[str, Mapping[str, float]], figure: str) -> list[str]:
    """Single methods by a figure of the tuning cut, best first; popularity is first of equals and where nothing was tuned."""
    return sorted(BY_NAME, key=lambda name: (-singles.get(name, {}).get(figure, 0.0), name != POPULARITY))


def leave_out(directory: Path, why: str) -> None:
    """Write the stage's files for a version without a ranker, and say why it has none."""
    (directory / RANKER_FILE).unlink(missing_ok=True)
    stage_files.save_parameters(directory / PARAMETERS, {})
    nothing = {"tuning": {}, "best_single": {"all": POPULARITY, "new": POPULARITY}, "gains": {}}
    stage_files.save_json(directory / REPORT, nothing | {"left_out": why})
    stage_files.save_json(directory / CHECKS / "report.json", {"left_out": why})
    typer.echo(f"{why}; the version ships without a ranker", err=True)


def refuse_broken(parts: Sequence[Examples], cuts_s: Sequence[float], data: DataParams, directory: Path) -> None:
    """Check the examples of all cuts, the last of which tunes; raises `Refused` with the failures."""
    # Imported here: each process that makes examples imports this module, and Great Expectations takes 8 s and 150 MB.
    from recommndr_training.validation.training_set import Cut, check_training_set  # noqa: PLC0415
    from recommndr_training.validation.verdict import conclude  # noqa: PLC0415

    horizon_s = data.policy.label_horizon_days * _DAY_S
    cuts = [Cut(part.matrix, part.bought, cut_s, cut_s + horizon_s) for part, cut_s in zip(parts, cuts_s, strict=True)]
    n_candidates = np.bincount(parts[-1].requests, minlength=len(parts[-1].user_ids))
    outcomes = check_training_set(cuts, n_candidates, data.gate_cut_s, data.limits)
    conclude(outcomes, {"examples": sum(len(cut.labels) for cut in cuts)}, directory, datetime.now(UTC))


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Learn the ranker of a profile and write it with its report."""
    options = RankerParams(**params.section(profile, "ranker"))
    data, directory = params.data(profile), params.profile_dir(profile)
    lines, items = (pd.read_parquet(directory / name) for name in (stage_files.TRAIN_LINES, stage_files.ITEMS))
    task = rolling.Task(
        known=Interactions.from_lines(lines, data.policy, items["item_id"]),
        entries=examples.catalogue(items),
        options=retriever_fits.options_of(profile),
        horizon_s=data.policy.label_horizon_days * _DAY_S,
        share_of_negatives=options.share_of_negatives,
        seed=options.seed,
        policy=data.policy,
        known_s=dict(zip(items["item_id"], items[KNOWN_S], strict=True)),
        kept=KeptFits(directory / kept_fits.FOLDER),
    )
    cuts_s = cuts_of(task.known, data.gate_cut_s, task.horizon_s, options)
    n_learning = n_outside_tuning(cuts_s, task.horizon_s)
    n_shoppers = [n_returning(task.known, cut_s, task.horizon_s) for cut_s in (*cuts_s[:n_learning], cuts_s[-1])]
    if missing := floors.missing_for_ranker(Supply(data.policy.target_kind, len(np.unique(task.known.items)), n_shoppers)):
        return leave_out(directory, missing)
    *earlier, tuning = rolling.examples_at(task, lines, data, cuts_s, options.n_processes)
    hits = sum(int(part.bought.sum()) for part in earlier[:n_learning])
    if missing := floors.missing_hits(data.policy.target_kind, hits, int(tuning.bought.sum())):
        return leave_out(directory, missing)
    with explained(Refused):
        refuse_broken([*earlier, tuning], cuts_s, data, directory / CHECKS)
    trained = train(earlier[:n_learning], tuning, options, earlier[n_learning:])
    if trained is None:
        return leave_out(directory, "no ranker: no column tells which candidates are wanted")
    (directory / RANKER_FILE).parent.mkdir(parents=True, exist_ok=True)
    (directory / RANKER_FILE).write_bytes(trained.onnx)
    stage_files.save_parameters(
        directory / PARAMETERS,
        {f"ranker.{name}": value for name, value in asdict(replace(options, max_trees=trained.n_trees)).items()},
    )
    stage_files.save_json(directory / REPORT, report(trained, tuning))
    OnnxRanker.read(directory)  # check that the written file can be served


if __name__ == "__main__":
    typer.run(main)
