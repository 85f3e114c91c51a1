"""The tuning cut chooses the ranker's variant, or says that a simpler method is surely better."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_engine import columns
from recommndr_engine.blend import blend
from recommndr_engine.candidates import MAX_CANDIDATES
from recommndr_engine.columns import NAMES
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.pipeline_config import methods_of
from recommndr_engine.ranker import OnnxRanker
from recommndr_engine.retrievers import BLEND_WEIGHTS, BY_NAME
from recommndr_training.examples.examples import Examples
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.ranking import (
    first_cut,
    ranker_plots,
    ranker_refit,
    ranker_report,
    ranker_sizes,
    ranker_training,
    ranker_variants,
    tuning_quality,
)
from recommndr_training.ranking.calibration import bins
from recommndr_training.ranking.first_cut import FirstCut, first_cuts
from recommndr_training.ranking.ranker_choice import chosen, compare, method_orders, simple_methods
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import VARIANTS, Recipe
from recommndr_training.ranking.ranker_sizes import Size
from recommndr_training.relative_gain import Gain

N_REQUESTS, N_CANDIDATES = 80, 30
OPTIONS = RankerParams(max_trees=15, min_leaf_examples=10, n_processes=1)


def request_examples(seed: int, noise: float = 1.0) -> Examples:
    """Requests in which popularity tells what is wanted, up to `noise`; half of the items are new."""
    random = np.random.default_rng(seed)
    n = N_REQUESTS * N_CANDIDATES
    matrix = np.zeros((n, len(NAMES)), np.float32)
    popularity = random.random(n).astype(np.float32)
    matrix[:, columns.place(score_column("popularity"))] = popularity
    matrix[:, columns.place(score_column("als"))] = random.random(n)
    bought = popularity + noise * random.normal(size=n) > 0.9
    new = np.tile(np.arange(N_CANDIDATES) % 2 == 0, N_REQUESTS)
    requests = np.repeat(np.arange(N_REQUESTS, dtype=np.int32), N_CANDIDATES)
    return Examples(
        matrix=matrix,
        bought=bought,
        new=new,
        rows=np.tile(np.arange(N_CANDIDATES, dtype=np.int32), N_REQUESTS),
        sources=np.full(n, 1 << list(BY_NAME).index("popularity"), np.uint32),
        requests=requests,
        user_ids=[f"u{user}" for user in range(N_REQUESTS)],
        n_relevant=np.bincount(requests, bought).astype(np.int64),
        n_relevant_new=np.bincount(requests, bought & new).astype(np.int64),
    )


LEARNING, TUNING = request_examples(1), request_examples(2)


def test_every_variant_is_compared_and_the_report_says_which_ships() -> None:
    trained = ranker_training.train([LEARNING], TUNING, OPTIONS)
    assert trained is not None
    assert set(trained.variants) == set(VARIANTS)
    assert trained.variants["binary"].gain.mean == 0.0
    found = ranker_report.report(trained, TUNING)
    table = ranker_report.table(found)
    assert f"ships as `{trained.recipe.variant}`" in table
    assert all(f"| {name} |" in table for name in (*VARIANTS, "weighted", "popularity"))
    assert "| content |" not in table  # nothing here is by it, so a figure of 0 would say nothing of it


@pytest.mark.parametrize("name", ["lambdamart", "sum", "sum_small_leaves"])
def test_a_variant_that_is_named_alone_is_compared_with_log_loss_only(name: str) -> None:
    trained = ranker_training.train([LEARNING], TUNING, replace(OPTIONS, variants=(name,)))
    assert trained is not None
    assert set(trained.variants) == {"binary", name}


def test_the_surest_variant_is_chosen_and_log_loss_without_one() -> None:
    luck = np.random.default_rng(0).normal(0.0, 0.1, 60)
    base = {"all": np.full(60, 0.3), "new": np.full(60, 0.1)}
    better = {"all": np.full(60, 0.33), "new": np.full(60, 0.1)}
    by_chance = {"all": 0.31 + luck - luck.mean(), "new": np.full(60, 0.1)}
    assert chosen(compare({"binary": base, "sum": better, "lambdamart": by_chance}, "binary")) == "sum"
    assert chosen(compare({"binary": base, "lambdamart": by_chance}, "binary")) == "binary"


def test_a_gain_that_excludes_a_loss_will_do() -> None:
    base = {"all": np.full(60, 0.3), "new": np.full(60, 0.1)}
    luck = np.random.default_rng(0).normal(0.0, 1.0, 60)
    luck = (luck - luck.mean()) / luck.std()
    nearly = {"all": 0.3 * (1.02 + 0.09 * luck), "new": 0.1 * (1.02 + 0.09 * luck)}
    compared = compare({"binary": base, "sum": nearly}, "binary")
    assert -0.005 < compared["sum"].gain.low < 0.0
    assert chosen(compared) == "sum"


def test_a_gain_for_new_items_is_not_bought_with_as_large_a_loss_for_all() -> None:
    base = {"all": np.full(60, 0.3), "new": np.full(60, 0.1)}
    traded = {"all": np.full(60, 0.2), "new": np.full(60, 0.14)}
    assert chosen(compare({"binary": base, "sum": traded}, "binary")) == "binary"


def test_a_method_that_is_surely_better_goes_before_the_ranker_for_that_question_only() -> None:
    base = {"all": np.full(60, 0.3), "new": np.full(60, 0.1)}
    better_for_new = {"all": base["all"] * 0.9, "new": base["new"] * 1.2}
    worst, worse = ({"all": base["all"] * share, "new": base["new"] * share} for share in (0.7, 0.8))
    compared = compare({"ranker": base, "weighted": worse, "als": better_for_new, "popularity": worst}, "ranker")
    orders = method_orders(compared, ["all", "new"])
    assert orders["all"][:4] == ["ranker", "als", "weighted", "popularity"]
    assert orders["new"][:4] == ["als", "ranker", "weighted", "popularity"]
    assert sorted(orders["all"]) == sorted(orders["new"]) == sorted(methods_of(BY_NAME))


def test_a_gain_for_one_question_within_noise_leaves_the_ranker_first() -> None:
    luck = np.random.default_rng(0).normal(0.0, 0.1, 60)
    base = {"all": np.full(60, 0.3), "new": np.full(60, 0.1)}
    by_chance = {"all": base["all"], "new": base["new"] * 1.01 + luck - luck.mean()}
    orders = method_orders(compare({"ranker": base, "als": by_chance}, "ranker"), ["all", "new"])
    assert [order[0] for order in orders.values()] == ["ranker", "ranker"]


def test_popularity_wins_where_it_is_the_whole_truth() -> None:
    certain = request_examples(3, noise=0.0)
    found = simple_methods(certain)
    assert tuning_quality.means(found["popularity"])["ndcg_all"] == pytest.approx(1.0)
    assert tuning_quality.means(found["als"])["ndcg_all"] < 0.7


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1_000))
def test_weighted_scores_are_those_that_order_a_list_without_a_ranker(seed: int) -> None:
    found = request_examples(seed)
    scores = tuning_quality.weighted(found, BLEND_WEIGHTS)
    for request in (0, N_REQUESTS - 1):
        mine = found.requests == request
        by_retriever = {name: found.matrix[mine][:, columns.place(score_column(name))] for name in BLEND_WEIGHTS}
        assert scores[mine] == pytest.approx(blend(by_retriever, BLEND_WEIGHTS, N_CANDIDATES), abs=1e-6)


@given(st.integers(1, N_REQUESTS * N_CANDIDATES), st.integers(0, 100))
def test_a_sample_of_a_table_has_whole_requests(max_rows: int, seed: int) -> None:
    table = LearningTable.of([LEARNING, TUNING])
    few = table.sampled(max_rows, seed)
    assert few.groups.sum() == len(few.labels) == len(few.matrix)
    assert set(few.groups.tolist()) <= {N_CANDIDATES}


def test_some_shoppers_are_judged_as_they_are_among_all() -> None:
    some = tuning_quality.of_some(TUNING, 10, seed=5)
    scores = TUNING.matrix[:, columns.place(score_column("als"))]
    everyone = dict(zip(TUNING.user_ids, tuning_quality.figures(TUNING, scores)["all"].tolist(), strict=True))
    judged = tuning_quality.figures(some, some.matrix[:, columns.place(score_column("als"))])["all"]
    assert len(some.user_ids) == 10
    np.testing.assert_array_equal(judged, [everyone[user_id] for user_id in some.user_ids])


def test_a_sum_is_learnt_again_as_its_recipe_says() -> None:
    recipe = Recipe.from_json(json.loads(json.dumps(Recipe("sum", (3, 4), (1.0, 2.0)).to_json())))
    shipped = OnnxRanker(ranker_refit.learn([LEARNING], recipe, OPTIONS)).score(TUNING.matrix)
    log_loss, lambdamart = ranker_variants.learn(recipe, LearningTable.of([LEARNING]), OPTIONS)
    assert (log_loss.booster.num_trees(), lambdamart.booster.num_trees()) == (3, 4)
    by_hand = log_loss.booster.predict(TUNING.matrix, raw_score=True) + lambdamart.booster.predict(TUNING.matrix) / 2.0
    assert shipped == pytest.approx(by_hand, abs=1e-5)


def test_the_smallest_ranker_that_excludes_a_loss_ships() -> None:
    gains = {"all": Gain(0.0, -0.004, 0.004), "new": Gain(0.0, -0.01, 0.01)}
    loses = gains | {"new": Gain(-0.01, -0.03, 0.01)}

    def size(name: str, n_bytes: int, gains: dict[str, Gain]) -> Size:
        return Size(name, 10, n_bytes, {}, {}, gains)

    whole = size("whole", 100, {question: Gain(0.0, 0.0, 0.0) for question in gains})
    half = size("half of the trees", 50, gains)
    assert ranker_sizes.chosen([whole, half, size("a third of the trees", 33, loses)]) == half.name
    assert ranker_sizes.chosen([whole, size("half of the trees", 50, loses)]) == "whole"
    assert ranker_sizes.chosen([whole, size("leaves in half precision", 100, gains)]) == "whole"


def test_fewer_trees_are_fewer_bytes_and_the_recipe_that_ships_has_their_number() -> None:
    trained = ranker_training.train([LEARNING], TUNING, replace(OPTIONS, variants=("binary",)))
    assert trained is not None
    sizes = {size.name: size for size in trained.sizes}
    assert sizes["half of the trees"].n_bytes < sizes["three quarters of the trees"].n_bytes < sizes["whole"].n_bytes
    assert sizes["leaves in half precision"].n_bytes == sizes["whole"].n_bytes
    assert sum(trained.recipe.n_trees) == sizes[trained.size].n_trees == trained.n_trees
    assert "| half of the trees |" in ranker_report.size_table(trained)


def test_few_candidates_are_ranked_where_the_blend_finds_what_the_ranker_would() -> None:
    found = request_examples(4)
    popularity = tuning_quality.single(found, "popularity")
    cuts = {cut.n_ranked: cut for cut in first_cuts(found, popularity)}
    assert all(cut.share == 1.0 and cut.gains["all"] == Gain(0.0, 0.0, 0.0) for cut in cuts.values())  # 30 candidates each
    assert first_cut.chosen(list(cuts.values())) == min(first_cut.COUNTS)


def test_all_candidates_are_ranked_where_a_first_cut_loses_or_nobody_can_tell() -> None:
    loses = FirstCut(150, 0.3, {}, {"all": Gain(-0.02, -0.03, -0.01), "new": Gain(0.0, 0.0, 0.0)})
    holds = FirstCut(300, 0.6, {}, {"all": Gain(0.0, -0.004, 0.004), "new": Gain(0.0, -0.01, 0.01)})
    nobody = FirstCut(200, 0.4, {}, {"all": Gain(0.0, -1.0, 1.0), "new": Gain(0.0, -1.0, 1.0)})
    assert first_cut.chosen([loses, nobody, holds]) == 300
    assert first_cut.chosen([loses, nobody]) == MAX_CANDIDATES
    assert first_cut.chosen([]) == MAX_CANDIDATES


@settings(max_examples=20)
@given(st.integers(1, N_CANDIDATES))
def test_a_first_cut_leaves_each_request_its_best_blended_candidates(n: int) -> None:
    found = request_examples(5)
    blended = tuning_quality.weighted(found, BLEND_WEIGHTS)
    kept = tuning_quality.places(found.requests, blended) < n
    for request in range(0, N_REQUESTS, 20):
        own = found.requests == request
        assert kept[own].sum() == n
        assert blended[own & kept].min() >= blended[own & ~kept].max(initial=-np.inf)


@given(st.floats(0.01, 1.0))
def test_probabilities_that_come_true_are_on_the_diagonal(share: float) -> None:
    random = np.random.default_rng(0)
    probability = random.uniform(0.05, 0.95, 40_000)
    log_odds = np.log(probability / (1.0 - probability)) - np.log(share)  # as a ranker of sampled negatives tells them
    found = bins(log_odds, random.random(40_000) < probability, share)
    assert sum(one.n for one in found) == 40_000
    assert all(abs(one.predicted - one.seen) < 0.04 for one in found)


def test_plots_are_written_and_those_without_figures_removed(tmp_path: Path) -> None:
    trained = ranker_training.train([LEARNING], TUNING, replace(OPTIONS, variants=("binary",)))
    assert trained is not None
    found = ranker_report.report(trained, TUNING)
    (tmp_path / "ranker").mkdir()
    (tmp_path / ranker_plots.ABLATION).touch()
    ranker_plots.write(found, tmp_path)
    assert sorted(path.name for path in (tmp_path / "ranker").iterdir()) == ["calibration.png", "importance.png"]
