"""Retrievers that do not pay for their time are left out; of two that do the same, the cheaper one stays."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommndr_engine import columns
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.retrievers import BY_NAME
from recommndr_training import stage_files
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import ranker_report, ranker_training, retriever_ablation
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.retriever_ablation import MARGINS, TRIED, Trial, ablate, tried, without
from recommndr_training.relative_gain import Figures, Gain
from recommndr_training.retrieval import kept_retrievers
from tests.training.test_ranker_choice import request_examples

OPTIONS = RankerParams(max_trees=15, min_leaf_examples=10, n_processes=1, ablation_trees=15, variants=("binary",))
BITS = {name: 1 << place for place, name in enumerate(BY_NAME)}


def proposed(seed: int) -> Examples:
    """Popularity and content propose everything; trending says what content says, ease says nothing."""
    made = request_examples(seed, noise=0.3)
    matrix = made.matrix.copy()
    signal = np.random.default_rng(seed + 100).random(len(matrix)).astype(np.float32)
    for name in ("content", "trending"):
        matrix[:, columns.place(score_column(name))] = signal
    bought = made.bought ^ (signal > 0.95)
    everyone = BITS["popularity"] | BITS["content"] | BITS["trending"] | BITS["ease"]
    requests = made.requests
    return replace(
        made,
        matrix=matrix,
        bought=bought,
        sources=np.full(len(bought), everyone, np.uint32),
        n_relevant=np.bincount(requests, bought).astype(np.int64),
        n_relevant_new=np.bincount(requests, bought & made.new).astype(np.int64),
    )


COSTS_MS = {"ease": 12.0, "als": 0.75}
LEARNING, TUNING = proposed(1), proposed(2)


def test_a_retriever_that_says_nothing_goes_and_of_two_that_say_the_same_the_cheaper_one_stays() -> None:
    worths = {worth.retriever: worth for worth in ablate([LEARNING], TUNING, OPTIONS)}
    assert not worths["ease"].kept
    assert not worths["content"].kept
    assert worths["trending"].kept
    assert worths["trending"].trial.gains["all"].is_outside_noise


def test_only_retrievers_that_propose_something_cost_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[Collection[str]] = []

    def counting(learning: object, judges: object, dropped: Collection[str], options: object) -> Figures:
        learnt.append(dropped)
        return {question: np.ones(2) for question in MARGINS}

    monkeypatch.setattr(retriever_ablation, "_figures", counting)
    worths = ablate([LEARNING], TUNING, OPTIONS)
    assert {worth.retriever for worth in worths} > {"ease", "content", "trending"}
    assert learnt == [(), ("ease",), ("ease", "content"), ("ease", "content", "trending")]


def test_the_dearest_goes_first_and_those_with_requests_of_their_own_are_not_tried() -> None:
    tried = [worth.retriever for worth in ablate([LEARNING], TUNING, OPTIONS)]
    costs_ms = [BY_NAME[name].cost_ms for name in tried]
    assert costs_ms == sorted(costs_ms, reverse=True)
    assert set(BY_NAME) - set(tried) == {"popularity", "popular_now", "neighbours", "als"}


NOTHING, SURE, UNSURE = Gain(0.0, 0.0, 0.0), Gain(0.003, 0.001, 0.005), Gain(0.004, -0.001, 0.009)


@pytest.mark.parametrize(
    ("gains", "together", "stays"),
    [
        ((NOTHING, NOTHING), (NOTHING, NOTHING), False),
        ((UNSURE, UNSURE), (UNSURE, UNSURE), False),
        ((SURE, NOTHING), (NOTHING, NOTHING), True),
        ((NOTHING, SURE), (NOTHING, NOTHING), True),
        ((UNSURE, NOTHING), (SURE, NOTHING), True),
        ((UNSURE, UNSURE), (Gain(0.006, -0.01, 0.02), NOTHING), True),
        ((UNSURE, UNSURE), (Gain(-0.006, -0.02, 0.01), Gain(0.019, -0.1, 0.14)), False),
        ((UNSURE, UNSURE), (NOTHING, Gain(0.021, -0.1, 0.14)), True),
    ],
)
def test_a_retriever_stays_if_it_pays_or_if_the_loss_of_all_that_went_would_be_too_large(
    gains: tuple[Gain, Gain], together: tuple[Gain, Gain], stays: bool
) -> None:
    """Pairs of gains for all items and for new ones."""
    named = [dict(zip(("all", "new"), both, strict=True)) for both in (gains, together)]
    assert Trial("ease", *named).kept is stays


def figures_where_each_adds(share: float, noise: float) -> Callable[[Collection[str]], Figures]:
    """NDCG of 200 shoppers; each retriever that goes takes this share of it, and moves every shopper's at random."""

    def without_some(dropped: Collection[str]) -> Figures:
        moved = np.random.default_rng(len(dropped)).normal(size=200) if dropped else np.zeros(200)
        ndcg = 0.3 * (1.0 - share * len(dropped)) + noise * (moved - moved.mean())
        return {"all": ndcg, "new": np.full(200, 0.1)}

    return without_some


def test_many_losses_within_noise_stop_before_their_sum_is_large() -> None:
    names = [spec.name for spec in TRIED]
    trials = tried(names, figures_where_each_adds(share=0.002, noise=0.06))
    assert not trials[0].gains["all"].is_outside_noise
    gone = [trial for trial in trials if not trial.kept]
    assert len(gone) == 2
    assert max(trial.together["all"].mean for trial in gone) <= MARGINS["all"]


def test_a_retriever_that_looks_harmful_by_chance_does_not_pay_for_the_next_ones() -> None:
    random = np.random.default_rng(0)
    adds = {"ease": -0.05, "content": 0.004, "trending": 0.004}  # shares of NDCG

    def figures_without(dropped: Collection[str]) -> Figures:
        noise = random.normal(0.0, 0.06, 200) if dropped else np.zeros(200)
        return {"all": 0.3 * (1.0 - sum(adds[name] for name in dropped)) + noise - noise.mean(), "new": np.full(200, np.nan)}

    assert [trial.kept for trial in tried(list(adds), figures_without)] == [False, False, True]


def test_a_sure_loss_keeps_a_retriever_however_small_it_is() -> None:
    assert all(trial.kept for trial in tried(["ease", "content"], figures_where_each_adds(share=0.002, noise=0.0)))


def test_retrievers_that_add_nothing_all_go() -> None:
    assert not any(trial.kept for trial in tried(["ease", "content"], figures_where_each_adds(share=0.0, noise=0.0)))


def test_without_a_retriever_its_columns_are_empty_and_its_own_candidates_gone() -> None:
    sources = LEARNING.sources.copy()
    sources[::3] = BITS["als"]
    left = without(replace(LEARNING, sources=sources), ("als",))
    assert len(left.bought) == len(left.matrix) == len(LEARNING.bought) - len(sources[::3])
    assert not left.matrix[:, columns.place(score_column("als"))].any()
    assert np.isnan(left.matrix[:, columns.place("als_rank")]).all()
    assert left.n_relevant.tolist() == LEARNING.n_relevant.tolist()  # what was wanted is wanted still
    assert LEARNING.matrix[:, columns.place(score_column("als"))].any()


def test_the_report_has_the_table() -> None:
    worths = ablate([LEARNING], TUNING, OPTIONS)
    trained = ranker_training.train([LEARNING], TUNING, OPTIONS)
    assert trained is not None
    table = ranker_report.table(ranker_report.report(trained, TUNING, worths))
    assert "| ease | " in table
    assert " | +0.0% | [+0.0%, +0.0%] | +0.0% | [+0.0%, +0.0%] | +0.0%, +0.0% | 0.0% | no |" in table


def test_the_milliseconds_measured_stand_beside_the_gains_in_a_table_that_no_stage_reads() -> None:
    worths = ablate([LEARNING], TUNING, OPTIONS)
    table = ranker_report.cost_table({"ablation": {worth.retriever: worth.to_json() for worth in worths}}, COSTS_MS)
    assert "| ease | 12 | +0.0%" in table
    assert "Not tried: als 0.75 ms." in table
    assert ranker_report.cost_table({"ablation": {}}, COSTS_MS).endswith("Not tried: ease 12 ms, als 0.75 ms.\n")


def test_a_version_ships_the_retrievers_that_are_there_without_those_left_out(tmp_path: Path) -> None:
    for spec in BY_NAME.values():
        if spec.file is not None:
            (tmp_path / spec.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / spec.file).touch()
    assert kept_retrievers.names(tmp_path) == tuple(BY_NAME)
    stage_files.save_json(tmp_path / kept_retrievers.LEFT_OUT, {"names": ["als", "trending"]})
    assert kept_retrievers.names(tmp_path) == tuple(name for name in BY_NAME if name not in ("als", "trending"))
