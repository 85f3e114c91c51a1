"""Stage tune: the settings of the retrievers that suit this shop, chosen on its own tuning cut.

Each stage that declares a grid is fitted on what was known before the tuning cut, and each of its retrievers is judged by its
own list for a sample of shoppers: NDCG@10 of the target kind in the horizon after the cut, all items and new items. A value
stands in for the present one only if its paired interval is above 0 (`coordinate_search`). Settings that `params.yaml` names
are not tried. No event of the gate period is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import typer
from threadpoolctl import threadpool_limits

from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import PipelineConfig
from recommndr_training import floors, params, stage_files, stage_settings
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples import examples, rolling
from recommndr_training.examples.cuts import tuning_cut
from recommndr_training.params import DataParams
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit
from recommndr_training.retrieval.retriever_fits import FITS
from recommndr_training.tuning import tuning_report
from recommndr_training.tuning.coordinate_search import Found, Judge, search
from recommndr_training.tuning.tuning_panel import TuningPanel

TABLE = "tune/table.md"
PLOT = "tune/gains.png"
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class TuneParams:
    """How many shoppers judge, and which settings (`stage.setting`) are tried; without `only` all that a grid has."""

    n_shoppers: int = 500  # 1,000 take twice the time and narrow an interval by a third
    only: tuple[str, ...] | None = None
    seed: int = 0


def panel_at(task: rolling.Task, lines: pd.DataFrame, data: DataParams, options: TuneParams) -> TuningPanel:
    """A sample of the shoppers with history at the tuning cut and a target event between it and the gate."""
    cut_s = tuning_cut(data.gate_cut_s, task.horizon_s)
    past = lines[lines["known_s"] < cut_s]
    asked = sorted(set(examples.asked(task.known, cut_s, task.horizon_s)) & set(past["user_id"]))
    chosen = np.random.default_rng(options.seed).permutation(len(asked))[: options.n_shoppers]
    (moment,) = rolling.moments(past, data, {cut_s: [asked[place] for place in np.sort(chosen)]}, task.logins)
    config = PipelineConfig.of_policy(data.policy)
    pipeline = Pipeline(examples.bundle_items(task.known), [], None, rolling.live_items_at(task, moment), config)
    return TuningPanel.at(pipeline, moment.shoppers, task.known, cut_s, data.gate_cut_s)


def axes(fit: RetrieverFit[Any], stage: str, fixed: Mapping[str, Any], history_days: float, options: TuneParams) -> list[Axis]:
    """Of a stage's grid what is tried: not what `params.yaml` fixes, and no time beyond the length of history."""
    tried = []
    for axis in fit.grid:
        if axis.name in fixed or (options.only is not None and f"{stage}.{axis.name}" not in options.only):
            continue
        values = tuple(value for value in axis.values if not axis.is_time or value <= history_days)
        tried.append(replace(axis, values=values))
    return tried


def tune(profile: str, known: Interactions, data: DataParams, panel: TuningPanel, options: TuneParams) -> dict[str, Found[Any]]:
    """What was found for each stage of which something is tried."""
    cut_s = tuning_cut(data.gate_cut_s, data.policy.label_horizon_days * _DAY_S)
    past = known.before(cut_s)
    history_days = (cut_s - float(past.at_s[0])) / _DAY_S if len(past) else 0.0

    def judge(fit: RetrieverFit[Any]) -> Judge[Any]:
        return lambda tried, axis: panel.judge(((axis and axis.changed) or fit.retrievers)(past, cut_s, tried))

    found = {}
    for stage, fit in FITS.items():
        if tried := axes(fit, stage, params.section(profile, stage), history_days, options):
            found[stage] = search(fit.options(profile), tried, judge(fit))
    return found


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Choose a profile's settings and write them with the table of all trials."""
    options = TuneParams(**params.section(profile, "tune"))
    data, directory = params.data(profile), params.profile_dir(profile)
    (directory / stage_settings.CHOSEN).unlink(missing_ok=True)  # the search starts from the defaults
    lines, identified = coded_lines.read(directory / stage_files.TRAIN_LINES), logins.read(directory / stage_files.TRAIN_LOGINS)
    items = pd.read_parquet(directory / stage_files.ITEMS)
    # Nothing is fitted by the task.
    task = rolling.Task.over(lines, items, data, options={}, share_of_negatives=1.0, seed=options.seed, logins=identified)
    panel = panel_at(task, lines, data, options)
    missing = floors.missing_for_tuning(data.policy.target_kind, len(panel.panellists))
    found: dict[str, Found[Any]] = {}
    if not missing:
        with threadpool_limits(1, "blas"), rolling.one_faiss_thread():
            found = tune(profile, task.known, data, panel, options)
    stage_files.save_json(
        directory / stage_settings.CHOSEN, {stage: each.changed for stage, each in found.items() if each.changed}
    )
    table = tuning_report.table(found, len(panel.panellists), missing)
    (directory / TABLE).write_text(table)
    tuning_report.plot(found, directory / PLOT)
    typer.echo(table)


if __name__ == "__main__":
    typer.run(main)
