"""Stage evaluate: the gate. Runs the serving pipeline on the bundle and compares its lists with later events.

One request per shopper at the gate cut, with everything as it was known then. Relevant are the distinct items to which the
tenant's target (a purchase, a view) happens within the label horizon. There are three sets of requests, as a shop would send
them: all items (`mixed`), items new to the shopper (`discover`), repeats (`buy_again`). Judged are shoppers with history and at
least one relevant item; the ideal list counts every relevant item, also those that are not candidates. Shoppers without history
are a set of their own, `cold`. Requests inside visits, at their own instants, are the sets of `session_sets`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import typer
from threadpoolctl import threadpool_limits

from recommndr.features import shopper
from recommndr.features.action import CONTEXT
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import Rows
from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import POPULARITY, Pipeline
from recommndr_engine.pipeline_config import RANKER, WEIGHTED
from recommndr_engine.retrievers.popular_now import PopularNow
from recommndr_training import floors, params, questions, stage_files
from recommndr_training.console import explained
from recommndr_training.data import claims, coded_lines, logins
from recommndr_training.data.event_contexts import ContextNames
from recommndr_training.data.interactions import PURCHASE
from recommndr_training.data.logins import with_guests
from recommndr_training.examples import rolling
from recommndr_training.examples.rolling import Moment
from recommndr_training.judging import bundle_age, evaluation_report, shopper_sample
from recommndr_training.judging import gate as gates
from recommndr_training.judging.gate import Champion, GatePolicy
from recommndr_training.judging.gate_evidence import Figures, evidence, probability_error
from recommndr_training.judging.gate_report import REPORT_FILE, GateReport, unjudged
from recommndr_training.judging.item_facts import ItemFacts
from recommndr_training.judging.judged import CONTEXTUAL, LENGTH, Judged, figures, padded
from recommndr_training.judging.request_sets import COLD, RequestSet, request_sets
from recommndr_training.judging.session_sets import judge_sessions
from recommndr_training.judging.version import Version, champion
from recommndr_training.params import DataParams
from recommndr_training.questions import ALL, QUESTIONS
from recommndr_training.ranking import ranker
from recommndr_training.ranking.ranker_choice import best_first
from recommndr_training.validation.refusal import Refused

METRICS = "evaluate/metrics.json"
TABLE = "evaluate/table.md"
DETAILS = "evaluate/figures.md"
PLOT = "evaluate/ndcg.png"
BARS = "evaluate/ndcg.csv"
GAIN_BARS = "evaluate/ranker_gains.csv"
BY_SHOPPER = "evaluate/by_shopper.parquet"
AGES_TABLE = "evaluate/by_age.md"
AGES_PLOT = "evaluate/by_age.png"

GATE_REPORT = f"evaluate/{REPORT_FILE}"
_NOWHERE: ContextNames = ("",) * len(CONTEXT)


@dataclass(frozen=True, slots=True)
class EvaluateParams:
    """The number of bootstrap resamples for an interval, and how many shoppers and requests in visits judge.

    With 10,000 shoppers the 95 % interval of a paired difference in NDCG@10 is about half a percent wide on each side.
    """

    n_draws: int = 2_000
    max_shoppers: int = 10_000  # known ones, and as many others; of a larger gate period a random sample
    n_session_requests: int = 1_000
    max_detail_shoppers: int = 1_000  # who judge the ages of a bundle and the ranker's probabilities: half the interval of 250


def judge(
    pipeline: Pipeline,
    shoppers: Mapping[str, ShopperRow],
    question: RequestSet,
    now_s: float,
    methods: Sequence[str] | None = None,
) -> Judged:
    """Ask every method (or only `methods`) for every shopper of the set."""
    methods = methods or pipeline.methods
    lists: dict[str, list[Rows]] = {method: [] for method in methods}
    ask = ListRequest(k=LENGTH, scope=question.scope)
    for one in pipeline.open_many(pipeline.shopper(shoppers[user_id], now_s) for user_id in question.relevant):
        for method, made in zip(methods, pipeline.lists(one, ask, methods), strict=True):
            lists[method].append(padded(made.rows))
    n_events = np.array([shoppers[user_id].n_events for user_id in question.relevant], np.int64)
    return Judged({method: np.array(rows) for method, rows in lists.items()}, list(question.relevant.values()), n_events)


def judge_unknown(pipeline: Pipeline, question: RequestSet, now_s: float) -> Judged:
    """The lists of shoppers without history: best-sellers, the same for all or, by other kinds of popularity, for a context."""
    ask = ListRequest(k=LENGTH, scope=question.scope)
    contexts = [question.contexts.get(user_id, _NOWHERE) for user_id in question.relevant]
    found = {context: _unknown_lists(pipeline, context, ask, now_s) for context in dict.fromkeys(contexts)}
    lists = {method: np.array([found[context][method] for context in contexts]) for method in found[contexts[0]]}
    return Judged(lists, list(question.relevant.values()), np.zeros(len(contexts), np.int64))


def _unknown_lists(pipeline: Pipeline, context: ContextNames, ask: ListRequest, now_s: float) -> dict[str, Rows]:
    nobody = shopper.read(dict(zip(CONTEXT, context, strict=True)))
    made = {name: pipeline.recommend(nobody, ask, now_s, name) for name in CONTEXTUAL if name in pipeline.methods}
    made[POPULARITY] = pipeline.popular(ask, now_s, nobody)  # what serving answers
    return {method: padded(each.rows) for method, each in made.items()}


def judge_all(
    pipeline: Pipeline, shoppers: Mapping[str, ShopperRow], asked: Mapping[str, RequestSet], now_s: float
) -> dict[str, Judged]:
    """The lists of each set that has shoppers."""
    return {
        name: judge_unknown(pipeline, question, now_s) if name == COLD else judge(pipeline, shoppers, question, now_s)
        for name, question in asked.items()
        if question.relevant
    }


def by_shopper(judged: Mapping[str, Judged], asked: Mapping[str, RequestSet]) -> pd.DataFrame:
    """NDCG@10 of each method for each shopper of each set, so that other methods and versions can be compared in pairs."""
    nobody = pd.DataFrame({"requests": [], "user_id": []}, dtype=str)
    parts = [pd.DataFrame(each.ndcg).assign(requests=name, user_id=list(asked[name].relevant)) for name, each in judged.items()]
    return pd.concat([nobody, *parts], ignore_index=True)


def gate_report(
    judged: Mapping[str, Judged],
    orders: Mapping[str, Sequence[str]],
    policy: GatePolicy,
    target: str = PURCHASE,
    figures: Figures | None = None,
    champion: Champion | None = None,
) -> GateReport:
    """Which methods the version answers by: for all and for new items the first of its order that passes.

    A set of too few shoppers judges nothing; where that is the set of all items, popularity ships.
    """
    n_shoppers = {name: len(judged[name].relevant) if name in judged else 0 for name in QUESTIONS}
    if missing := floors.missing_for_gate(target, n_shoppers[ALL]):
        return unjudged(POPULARITY, missing)
    asked = {name: judged[name] for name, n in n_shoppers.items() if not floors.missing_for_gate(target, n)}
    found = {method: evidence(asked, dict.fromkeys(asked, method), figures) for method in asked[ALL].lists}
    tried = {name: [method for method in orders[name] if method in found] for name in asked}
    return gates.decide(tried, found, champion, policy).noted(floors.few_for_gate(n_shoppers[ALL]))


def usual_orders(tuning: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """By question, methods in the order in which they are tried where tuning found no other: the ranker comes first."""
    return {question: [RANKER, WEIGHTED, *best_first(tuning, f"ndcg_{question}")] for question in QUESTIONS}


def best_singles(tuning: Mapping[str, Mapping[str, float]], methods: Collection[str]) -> dict[str, str]:
    """By set, the best single method on tuning that this version has: the data at the gate cut may not allow the very best."""
    found = {name: next(m for m in best_first(tuning, f"ndcg_{name}") if m in methods) for name in QUESTIONS}
    return found | {COLD: POPULARITY}


def champion_of(
    found: tuple[Version, Mapping[str, str]] | None,
    data: DataParams,
    moment: Moment,
    past: tuple[pd.DataFrame, pd.DataFrame, pa.Table],
    options: EvaluateParams,
) -> Champion | None:
    """The champion's evidence by its own methods, from train and gate lines and logins, for the challenger's shoppers."""
    if found is None:
        return None
    version, methods = found
    pipeline = version.at(moment)
    train, gate, known = past
    asked = request_sets(train, gate, pipeline.items, data.policy.target_kind, known)
    judged = {
        name: judge(pipeline, moment.shoppers, asked[name], data.gate_cut_s, [methods[name]])
        for name in QUESTIONS
        if not floors.missing_for_gate(data.policy.target_kind, len(asked[name].relevant))
    }
    if "all" not in judged:
        return None
    error = probability_error(
        pipeline, moment, shopper_sample.of_relevant(asked["all"].relevant, options.max_detail_shoppers), version.odds_share
    )
    facts = ItemFacts.at(data.gate_cut_s, train, pipeline.items, pipeline.live)
    segments = {name: each.segments() for name, each in judged.items()}
    return Champion(evidence(judged, methods, Figures(facts, error)), segments)


def ageing(
    version: Version,
    lines: pd.DataFrame,
    identified: pa.Table,
    data: DataParams,
    shipped: Mapping[str, str],
    options: EvaluateParams,
) -> dict[str, Any]:
    """Figures of the method that ships for each question, and of popularity, by the age of the bundle."""
    reach = bundle_age.ages(data.gate_cut_s, bundle_age.last_day_s(lines, data), data.policy.label_horizon_days * 86_400.0)
    beside = [name for name in (POPULARITY, PopularNow.name) if name in version.methods]
    asked: dict[float, dict[str, RequestSet]] = {}
    for at_s, before, after in bundle_age.periods(lines, data.gate_cut_s, reach):
        known = logins.known_before(identified, at_s)
        sets = request_sets(before, after, version.items, data.policy.target_kind, known)
        few = {name: shopper_sample.of_relevant(sets[name].relevant, options.max_detail_shoppers) for name in QUESTIONS}
        asked[at_s] = {name: replace(sets[name], relevant=few[name]) for name in QUESTIONS}
    wanted = {at_s: sorted({user_id for one in sets.values() for user_id in one.relevant}) for at_s, sets in asked.items()}
    judged = {}
    for moment in rolling.moments(lines, data, wanted, identified):
        pipeline = version.at(moment)
        judged[moment.cut_s] = {
            name: judge(pipeline, moment.shoppers, one, moment.cut_s, list(dict.fromkeys((shipped[name], *beside))))
            for name, one in asked[moment.cut_s].items()
            if one.relevant
        }
    return bundle_age.figures(judged, data.gate_cut_s, reach.horizon_s, options.n_draws)


def _shipped(requests: str, passed: GateReport) -> str:
    """What orders these lists; who has no history gets best-sellers."""
    return POPULARITY if requests == COLD else questions.method_of(passed.methods, requests)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Judge a profile's models on the gate period; print the table."""
    options = EvaluateParams(**params.section(profile, "evaluate"))
    data, directory = params.data(profile), params.profile_dir(profile)
    lines = coded_lines.read(*(directory / f"split/{part}.parquet" for part in ("train", "gate")))
    is_past = lines["known_s"] < data.gate_cut_s  # as stage split cut them; both have the same words
    train, gate = lines[is_past], lines[~is_past]
    gate = shopper_sample.of_lines(gate, options.max_shoppers, set(train["user_id"]))
    identified = logins.read(directory / "prepared/logins.parquet")
    known = logins.known_before(identified, data.gate_cut_s)
    returning = sorted(set(with_guests(train, known)["user_id"]) & set(gate["user_id"]))
    with explained(Refused):
        if wrong := floors.wrong_gate_cut(train["user_id"].nunique(), len(returning)):
            raise Refused(wrong)
    (moment,) = rolling.moments(train, data, {data.gate_cut_s: returning}, identified)
    version = Version.read(directory, data)
    pipeline = version.at(moment)
    learnt = stage_files.load_json(directory / ranker.REPORT)
    facts = ItemFacts.at(data.gate_cut_s, train, pipeline.items, pipeline.live)
    best = best_singles(learnt["tuning"], version.methods)
    with threadpool_limits(1), rolling.one_faiss_thread():
        asked = request_sets(train, gate, pipeline.items, data.policy.target_kind, known)
        by_set = judge_all(pipeline, moment.shoppers, asked, data.gate_cut_s)
        found = {name: figures(judged, facts, best.get(name, best["all"]), options.n_draws) for name, judged in by_set.items()}
        judges = shopper_sample.of_relevant(asked["all"].relevant, options.max_detail_shoppers)
        error = probability_error(pipeline, moment, judges, version.odds_share)
        rival = champion_of(champion(directory, data), data, moment, (train, gate, known), options)
        # changes the items
        in_visits = judge_sessions(pipeline, pd.concat([train, gate]), data, options.n_session_requests, identified)
        found |= {name: figures(judged, facts, best["all"], options.n_draws) for name, judged in in_visits.items()}
    passed = gate_report(
        by_set,
        learnt.get("method_orders") or usual_orders(learnt["tuning"]),
        GatePolicy(n_draws=options.n_draws),
        data.policy.target_kind,
        Figures(facts, error),
        rival,
    )
    found = {name: {**each, "ships": _shipped(name, passed)} for name, each in found.items()}
    stage_files.save_json(directory / METRICS, found)
    stage_files.save_json(directory / GATE_REPORT, passed.to_json())
    counts = stage_files.load_json(directory / "prepared/rejected.json")
    notes = [claims.note(counts, data.policy.target_kind), learnt.get("left_out"), passed.summary()]
    table = evaluation_report.table(found, "\n".join(note for note in notes if note))
    (directory / TABLE).write_text(table)
    by_shopper(by_set, asked).to_parquet(directory / BY_SHOPPER, index=False)
    # A solve of 64 unknowns takes 16 ms with threads that wait for each other, .2 ms without.
    with threadpool_limits(1), rolling.one_faiss_thread():
        every = coded_lines.read(directory / "prepared/lines.parquet")
        aged = ageing(version, every, identified, data, passed.methods, options)
    (directory / DETAILS).write_text(evaluation_report.details(found))
    (directory / AGES_TABLE).write_text(bundle_age.table(aged))
    bundle_age.plot(aged, directory / AGES_PLOT)
    evaluation_report.plot(found, directory / PLOT)
    (directory / BARS).write_text(evaluation_report.bars(found))
    (directory / GAIN_BARS).write_text(evaluation_report.gain_bars(learnt["gains"]))
    typer.echo(table)


if __name__ == "__main__":
    typer.run(main)
