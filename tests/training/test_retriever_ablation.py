"""Retrievers that surely add nothing are left out; of two that do the same, one stays."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from recommndr_engine import columns
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.retrievers import BY_NAME
from recommndr_training import stage_files
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import ranker_report, ranker_training
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.retriever_ablation import ablate, without
from recommndr_training.retrieval import kept_retrievers
from tests.training.test_ranker_choice import request_examples

OPTIONS = RankerParams(max_trees=15, min_leaf_examples=10, n_processes=1, ablation_trees=15, variants=("binary",))
BITS = {name: 1 << place for place, name in enumerate(BY_NAME)}


def proposed(seed: int) -> Examples:
    """Popularity and ALS propose everything; trending says what ALS says, ease says nothing."""
    made = request_examples(seed, noise=0.3)
    matrix = made.matrix.copy()
    matrix[:, columns.place(score_column("trending"))] = matrix[:, columns.place(score_column("als"))]
    als = matrix[:, columns.place(score_column("als"))]
    bought = made.bought ^ (als > 0.95)
    everyone = BITS["popularity"] | BITS["als"] | BITS["trending"] | BITS["ease"]
    requests = made.requests
    return replace(
        made,
        matrix=matrix,
        bought=bought,
        sources=np.full(len(bought), everyone, np.uint32),
        n_relevant=np.bincount(requests, bought).astype(np.int64),
        n_relevant_new=np.bincount(requests, bought & made.new).astype(np.int64),
    )


LEARNING, TUNING = proposed(1), proposed(2)


def test_a_retriever_that_says_nothing_goes_and_of_two_that_say_the_same_one_stays() -> None:
    worths = {worth.retriever: worth for worth in ablate([LEARNING], TUNING, OPTIONS)}
    assert set(worths) == {"als", "trending", "ease"}
    assert not worths["ease"].kept
    assert [worths["als"].kept, worths["trending"].kept].count(True) == 1
    staying = worths["als"] if worths["als"].kept else worths["trending"]
    assert staying.gains["all"].is_outside_noise


def test_popularity_always_stays() -> None:
    assert "popularity" not in {worth.retriever for worth in ablate([LEARNING], TUNING, OPTIONS)}


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
    assert "| ease | +0.0% | [+0.0%, +0.0%] | +0.0% | [+0.0%, +0.0%] | 0.0% | no |" in table


def test_a_version_ships_the_retrievers_that_are_there_without_those_left_out(tmp_path: Path) -> None:
    for spec in BY_NAME.values():
        if spec.file is not None:
            (tmp_path / spec.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / spec.file).touch()
    assert kept_retrievers.names(tmp_path) == tuple(BY_NAME)
    stage_files.save_json(tmp_path / kept_retrievers.LEFT_OUT, {"names": ["als", "trending"]})
    assert kept_retrievers.names(tmp_path) == tuple(name for name in BY_NAME if name not in ("als", "trending"))
