"""Stage ranker: gradient-boosted trees over retriever scores and features, trained on rolling cuts.

History decides the number of cuts (`examples.cuts`). Everything is as it was at the cut (`examples.examples`). The last cut is
for tuning: it selects the variant of the ranker (`ranker_choice`), its number of trees and the best single method. It learns
from the cuts whose labels end before it. The ranker that ships is then trained on all cuts with that number of trees.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import typer

from recommndr_engine.pipeline import POPULARITY
from recommndr_engine.ranker import RANKER_FILE, OnnxRanker
from recommndr_training import floors, params, stage_files
from recommndr_training.console import explained
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples import asking, rolling
from recommndr_training.examples.cuts import CutsTooClose, Spacing, cuts_before, n_outside_tuning, n_returning
from recommndr_training.examples.examples import Examples
from recommndr_training.floors import Supply
from recommndr_training.params import DataParams
from recommndr_training.ranking import ranker_plots, ranker_report
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_training import train
from recommndr_training.ranking.retriever_ablation import ablate, without
from recommndr_training.retrieval import kept_fits, kept_retrievers, retriever_fits
from recommndr_training.retrieval.kept_fits import KeptFits
from recommndr_training.validation.refusal import Refused

PARAMETERS = "ranker/parameters.json"
REPORT = "ranker/report.json"
TABLE = "ranker/table.md"
SIZES, COSTS = (f"ranker_checks/{name}.md" for name in ("sizes", "costs"))  # they have times, like what else is there
CHECKS = "ranker_checks"  # outside ranker/: data docs hold timestamps, which would rebuild the stages that depend on the ranker
_DAY_S = 86_400.0


def cuts_of(known: Interactions, gate_cut_s: float, horizon_s: float, options: RankerParams) -> list[float]:
    """The cuts that this history allows, oldest first; the last one tunes."""
    spacing = Spacing(horizon_s, min(options.cut_spacing_days * _DAY_S, horizon_s), options.max_cuts)
    first_s = float(known.at_s[0]) if len(known) else gate_cut_s
    return cuts_before(gate_cut_s, first_s, spacing, lambda cut_s: n_returning(known, cut_s, horizon_s))


def leave_out(directory: Path, why: str) -> None:
    """Write the stage's files for a version without a ranker, and say why it has none."""
    (directory / RANKER_FILE).unlink(missing_ok=True)
    for name in (TABLE, SIZES, COSTS, kept_retrievers.LEFT_OUT, *ranker_plots.ALL):
        (directory / name).unlink(missing_ok=True)
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
    lines = coded_lines.read(directory / stage_files.TRAIN_LINES)
    items = pd.read_parquet(directory / stage_files.ITEMS)
    task = rolling.Task.over(
        lines,
        items,
        data,
        options=retriever_fits.options_of(profile),
        share_of_negatives=options.share_of_negatives,
        seed=options.seed,
        kept=KeptFits(directory / kept_fits.FOLDER),
        asking=asking.of_profile(profile),
        logins=logins.read(directory / stage_files.TRAIN_LOGINS),
    )
    try:
        cuts_s = cuts_of(task.known, data.gate_cut_s, task.horizon_s, options)
    except CutsTooClose as cause:
        return leave_out(directory, f"no ranker: {cause}")
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
    worths = ablate(earlier[:n_learning], tuning, options) if options.ablation_trees else []
    left_out = [worth.retriever for worth in worths if not worth.kept]
    *earlier, tuning = (without(part, left_out) for part in (*earlier, tuning))
    trained = train(earlier[:n_learning], tuning, options, earlier[n_learning:])
    if trained is None:
        return leave_out(directory, "no ranker: no column tells which candidates are wanted")
    (directory / RANKER_FILE).parent.mkdir(parents=True, exist_ok=True)
    (directory / RANKER_FILE).write_bytes(trained.onnx)
    chosen = {"variant": trained.recipe.variant, "n_ranked": trained.recipe.n_ranked}
    settings = asdict(replace(options, max_trees=trained.n_trees)) | chosen
    settings.pop("variants")
    stage_files.save_parameters(directory / PARAMETERS, {f"ranker.{name}": value for name, value in settings.items()})
    found = ranker_report.report(trained, tuning, worths)
    stage_files.save_json(directory / REPORT, found)
    stage_files.save_json(directory / kept_retrievers.LEFT_OUT, {"names": left_out})
    (directory / TABLE).write_text(ranker_report.table(found))
    ranker_plots.write(found, directory)
    (directory / SIZES).write_text(ranker_report.size_table(trained))
    (directory / COSTS).write_text(ranker_report.cost_table(found, tuning.costs_ms))
    typer.echo(f"{ranker_report.table(found)}\n{ranker_report.size_table(trained)}")
    OnnxRanker.read(directory)  # check that the written file can be served


if __name__ == "__main__":
    typer.run(main)
