"""A ranker without the columns that no tree splits on gives the same scores to the bit."""

import lightgbm as lgb
import numpy as np
import pytest

from recommndr_engine.ranker import OnnxRanker
from recommndr_training.ranking import onnx_trees
from recommndr_training.ranking.read_columns import narrowed

N_COLUMNS = 12


def learnt(told: tuple[int, ...], n_trees: int = 10) -> tuple[bytes, np.ndarray]:
    """A forest whose labels depend on these columns alone; all others are constant, and the matrix it learnt from."""
    random = np.random.default_rng(len(told))
    matrix = np.full((2_000, N_COLUMNS), 3.0, np.float32)
    values = random.normal(size=(2_000, len(told)))
    matrix[:, list(told)] = np.where(random.random(values.shape) < 0.1, np.nan, values)
    labels = (np.nan_to_num(matrix)[:, list(told)].sum(axis=1) > 0.0).astype(np.float32)
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "seed": 1}
    return onnx_trees.convert(lgb.train(settings, lgb.Dataset(matrix, labels), n_trees)), matrix


@pytest.mark.parametrize("told", [(0,), (11,), (2, 5, 7), tuple(range(N_COLUMNS))])
def test_the_scores_are_those_of_the_whole_ranker(told: tuple[int, ...]) -> None:
    whole, matrix = learnt(told)
    narrow, places = narrowed(whole)
    assert set(places) <= set(told)
    assert OnnxRanker(narrow).n_inputs == len(places)
    found = OnnxRanker(narrow).score(np.ascontiguousarray(matrix[:, places]))
    assert found.tobytes() == OnnxRanker(whole).score(matrix).tobytes()


def test_a_ranker_that_never_splits_keeps_one_column() -> None:
    whole, matrix = learnt(())
    narrow, places = narrowed(whole)
    assert places.tolist() == [0]
    assert OnnxRanker(narrow).score(matrix[:, :1]).tobytes() == OnnxRanker(whole).score(matrix).tobytes()


def test_columns_that_answers_tell_stay() -> None:
    whole, matrix = learnt((4,))
    narrow, places = narrowed(whole, kept=[7, 1])
    assert places.tolist() == [1, 4, 7]
    found = OnnxRanker(narrow).score(np.ascontiguousarray(matrix[:, places]))
    assert found.tobytes() == OnnxRanker(whole).score(matrix).tobytes()


def test_what_is_narrow_stays_as_it_is() -> None:
    narrow, places = narrowed(learnt((1, 4))[0])
    again, same = narrowed(narrow)
    assert again == narrow and same.tolist() == list(range(len(places)))
