"""Stage evaluate: the gate. Runs the serving pipeline on the bundle and compares its lists with later events.

One request per shopper at the gate cut, with everything as it was known then. Relevant are the distinct items to which the
tenant's target (a purchase, a view) happens within the label horizon. There are three sets of requests, as a shop would send
them: all items (`mixed`), items new to the shopper (`discover`), repeats (`buy_again`). If the target is not a purchase, there
is no set of repeats, and the set for new items excludes the shopper's earlier items by id. Judged are shoppers with history and
at least one relevant item; the ideal list counts every relevant item, also those that are not candidates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
import pandas as pd
import typer
from threadpoolctl import threadpool_limits

from recommndr.features.shopper import ShopperRow
from recommndr_engine import list_metrics as metrics
from recommndr_engine import retrievers
from recommndr_engine.arrays import NO_ROW, Rows
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.list_request import ListRequest, Scope
from recommndr_engine.pipeline import METHODS, POPULARITY, RANKER, WEIGHTED, Pipeline, PipelineConfig
from recommndr_engine.ranker import OnnxRanker
from recommndr_training import claims, evaluation_report, examples, floors, params, popularity, ranker, rolling, stage_files
from recommndr_training import gate as gates
from recommndr_training.gate import Evidence, GatePolicy, GateReport
from recommndr_training.interactions import IMPRESSION, PURCHASE

METRICS = "evaluate/metrics.json"
TABLE = "evaluate/table.md"
PLOT = "evaluate/ndcg.png"
BARS = "evaluate/ndcg.csv"
GAIN_BARS = "evaluate/ranker_gains.csv"

K = 10
GATE_REPORT = f"evaluate/{gates.REPORT_FILE}"
_SCOPES: dict[str, Scope] = {"all": "mixed", "new": "discover", "repeat": "buy_again"}
_SEED_STAGES = (*retrievers.FIT_STAGES, "ranker")


@dataclass(frozen=True, slots=True)
class EvaluateParams:
    """The number of bootstrap resamples for an interval."""

    n_draws: int = 2_000


@dataclass(frozen=True)
class Judged:
    """Every method's lists for the shoppers of one request set."""

    lists: Mapping[str, Rows]  # by method, (n_users, K) bundle rows, NO_ROW = empty place
    relevant: Sequence[npt.NDArray[np.int32]]  # per user; NO_ROW stands for items that are not in the bundle

    def hits(self, method: str) -> npt.NDArray[np.bool_]:
        """(n_users, K) which places hold a relevant item."""
        pairs = zip(self.lists[method], self.relevant, strict=True)
        return np.array([np.isin(row, wanted) & (row != NO_ROW) for row, wanted in pairs])

    @property
    def n_relevant(self) -> npt.NDArray[np.int64]:
        """(n_users,) number of relevant items."""
        return np.array([len(wanted) for wanted in self.relevant], np.int64)

    @cached_property
    def ndcg(self) -> dict[str, npt.NDArray[np.float64]]:
        """By method: (n_users,) NDCG@10."""
        return {method: metrics.ndcg_at_k(self.hits(method), self.n_relevant, K) for method in self.lists}


@dataclass(frozen=True, slots=True)
class RequestSet:
    """The shoppers, their relevant items, and how the requests are made."""

    scope: Scope
    relevant: Mapping[str, npt.NDArray[np.int32]]  # by user id: bundle rows, NO_ROW for items that are not in the bundle
    excluded: Mapping[str, tuple[str, ...]]  # by user id: item ids to exclude


def judge(pipeline: Pipeline, shoppers: Mapping[str, ShopperRow], question: RequestSet, now_s: float) -> Judged:
    """Ask every method for every shopper of the set."""
    methods = [method for method in METHODS if method != RANKER or pipeline.ranker is not None]
    lists: dict[str, list[Rows]] = {method: [] for method in methods}
    for user_id in question.relevant:
        ask = ListRequest(k=K, scope=question.scope, exclude=question.excluded.get(user_id, ()))
        for method in methods:
            lists[method].append(_padded(pipeline.recommend(shoppers[user_id], ask, now_s, method).rows))
    return Judged({method: np.array(rows) for method, rows in lists.items()}, list(question.relevant.values()))


def _padded(rows: Rows) -> Rows:
    return np.concatenate([rows, np.full(K - len(rows), NO_ROW, np.int32)])


def request_sets(train: pd.DataFrame, gate: pd.DataFrame, items: BundleItems, target: str) -> dict[str, RequestSet]:
    """The request sets by name, from distinct items of target events in the gate period of shoppers known from training."""
    known = set(train.loc[train["kind"] != IMPRESSION, "user_id"])  # the others are answered by popularity
    owned, wanted = (items_by_user(lines[lines["kind"] == target]) for lines in (train, gate))
    relevant: dict[str, dict[str, npt.NDArray[np.int32]]] = {name: {} for name in _SCOPES}
    for user_id in wanted.keys() & known:
        had = owned.get(user_id, set())
        parts = {"all": wanted[user_id], "new": wanted[user_id] - had, "repeat": wanted[user_id] & had}
        for name, part in parts.items():
            if part:
                relevant[name][user_id] = items.rows_of(sorted(part))
    asked = {name: dict(sorted(by_user.items())) for name, by_user in relevant.items()}
    if target == PURCHASE:
        return {name: RequestSet(scope, asked[name], {}) for name, scope in _SCOPES.items()}
    excluded = {user_id: tuple(sorted(owned.get(user_id, ()))) for user_id in asked["new"]}
    return {"all": RequestSet("mixed", asked["all"], {}), "new": RequestSet("mixed", asked["new"], excluded)}


def items_by_user(lines: pd.DataFrame) -> dict[str, set[str]]:
    """Distinct items of each user's lines."""
    return {str(user_id): items for user_id, items in lines.groupby("user_id")["item_id"].agg(set).items()}


def figures(judged: Judged, n_items: int, best_single: str, n_draws: int) -> dict[str, Any]:
    """Figures of one set: by method, and the paired difference between the ranker, if any, and the best single method."""
    n_relevant, ndcg = judged.n_relevant, judged.ndcg
    found: dict[str, Any] = {
        "shoppers": len(n_relevant),
        "methods": {method: _method(judged, method, ndcg[method], n_items, n_draws) for method in judged.lists},
        "best_single_on_tuning": best_single,
    }
    if RANKER in ndcg:
        difference = ndcg[RANKER] - ndcg[best_single]
        low, high = metrics.bootstrap_interval(difference, n_draws)
        found["ranker_minus_best_single"] = {"ndcg@10": float(difference.mean()), "low": low, "high": high}
    return found


def _method(judged: Judged, method: str, ndcg: npt.NDArray[np.float64], n_items: int, n_draws: int) -> dict[str, float]:
    hits, n_relevant = judged.hits(method), judged.n_relevant
    low, high = metrics.bootstrap_interval(ndcg, n_draws)
    return {
        "ndcg@10": float(ndcg.mean()),
        "ndcg@10_low": low,
        "ndcg@10_high": high,
        "hit_rate@10": float(metrics.hit_rate_at_k(hits, n_relevant, K).mean()),
        "recall@10": float(metrics.recall_at_k(hits, n_relevant, K).mean()),
        "coverage@10": metrics.coverage(judged.lists[method], n_items),
    }


def gate_report(
    judged: Mapping[str, Judged], tuning: Mapping[str, Mapping[str, float]], n_items: int, n_draws: int, target: str = PURCHASE
) -> GateReport:
    """Which method the version answers by: the ranker, else the weighted scores, else single retrievers, best on tuning first.

    A method is judged by every simple method for all and for new items. When none passes, the first one's report says why.
    A set of too few shoppers judges nothing; where that is the set of all items, popularity ships.
    """
    n_shoppers = {name: len(judged[name].relevant) if name in judged else 0 for name in ("all", "new")}
    if missing := floors.missing_for_gate(target, n_shoppers["all"]):
        return gates.unjudged(POPULARITY, missing)
    asked = {name: judged[name] for name, n in n_shoppers.items() if not floors.missing_for_gate(target, n)}
    methods = tuple(asked["all"].lists)
    found = {
        method: Evidence(
            {name: each.ndcg[method] for name, each in asked.items()},
            {"coverage": metrics.coverage(asked["all"].lists[method], n_items)},
        )
        for method in methods
    }
    singles = ranker.best_first(tuning, "ndcg_all")
    simple = {name: found[name] for name in (WEIGHTED, *singles)}
    policy = GatePolicy(n_draws=n_draws)
    candidates = [method for method in (RANKER, WEIGHTED, *singles) if method in found]
    return gates.first_passed(candidates, found, simple, policy)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Judge a profile's models on the gate period; print the table."""
    options = EvaluateParams(**params.section(profile, "evaluate"))
    data, directory = params.data(profile), params.profile_dir(profile)
    train, gate = (pd.read_parquet(directory / f"split/{part}.parquet") for part in ("train", "gate"))
    returning = sorted(set(train["user_id"]) & set(gate["user_id"]))
    (moment,) = rolling.moments(train, data, {data.gate_cut_s: returning})
    entries = examples.catalogue(pd.read_parquet(directory / "prepared/items.parquet"))
    pipeline = Pipeline(
        BundleItems.read(directory / popularity.ITEM_IDS),
        retrievers.for_bundle(directory, stage_files.load_parameters(directory, _SEED_STAGES)),
        OnnxRanker.found(directory),
        examples.live_items(entries, moment.item_ids, moment.item_records),
        PipelineConfig(kind_weights=data.policy.relative_weights()),
    )
    learnt = stage_files.load_json(directory / ranker.REPORT)
    faiss.omp_set_num_threads(1)
    found: dict[str, Any] = {}
    by_set: dict[str, Judged] = {}
    with threadpool_limits(1):
        for name, question in request_sets(train, gate, pipeline.items, data.policy.target_kind).items():
            if question.relevant:
                by_set[name] = judge(pipeline, moment.shoppers, question, data.gate_cut_s)
                single = learnt["best_single"].get(name, learnt["best_single"]["all"])
                found[name] = figures(by_set[name], len(pipeline.items), single, options.n_draws)
    passed = gate_report(by_set, learnt["tuning"], len(pipeline.items), options.n_draws, data.policy.target_kind)
    stage_files.save_json(directory / METRICS, found)
    stage_files.save_json(directory / GATE_REPORT, passed.to_json())
    counts = stage_files.load_json(directory / "prepared/rejected.json")
    notes = [claims.told(counts, data.policy.target_kind), learnt.get("left_out"), passed.summary()]
    table = evaluation_report.table(found, "\n".join(note for note in notes if note))
    (directory / TABLE).write_text(table)
    evaluation_report.plot(found, directory / PLOT)
    (directory / BARS).write_text(evaluation_report.bars(found))
    (directory / GAIN_BARS).write_text(evaluation_report.gain_bars(learnt["gains"]))
    typer.echo(table)


if __name__ == "__main__":
    typer.run(main)
