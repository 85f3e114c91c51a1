"""Training sets that know the answer, or nothing, are refused with the column named."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from recommndr_engine.columns import named
from recommndr_training.validation.checking import Failure
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.training_set import Cut, check_training_set, separation
from recommndr_training.validation.verdict import failures_of

NAN = float("nan")
COLUMNS = named(["own_targets", "own_since", "als_score"])
N = 400
GATE_S = 1_000_000.0


def sound(cut_s: float = GATE_S - 100.0) -> Cut:
    rng = np.random.default_rng(int(cut_s))
    matrix = rng.random((N, 3)).astype(np.float32)
    matrix[::3, 1] = np.nan
    return Cut(matrix, rng.random(N) < 0.1, cut_s, cut_s + 100.0)


CUTS = [sound(GATE_S - 200.0), sound()]
N_CANDIDATES = np.full(8, N // 8, np.int64)


def failures(cuts: Sequence[Cut] = CUTS, n_candidates: npt.NDArray[np.int64] = N_CANDIDATES) -> list[Failure]:
    return failures_of(check_training_set(cuts, n_candidates, GATE_S, Limits(), COLUMNS))


def changed(place: int, column: int, values: npt.NDArray[np.float32] | float) -> list[Cut]:
    """`CUTS` where one column of one cut holds `values`, or one value in row 7."""
    matrix = CUTS[place].matrix.copy()
    if isinstance(values, float):
        matrix[7, column] = values
    else:
        matrix[:, column] = values
    return [replace(cut, matrix=matrix) if number == place else cut for number, cut in enumerate(CUTS)]


def test_a_sound_training_set_passes() -> None:
    assert failures() == []


def test_every_broken_column_is_named() -> None:
    assert [(found.expected.split(":")[0], found.rows[0].row) for found in failures(changed(0, 0, NAN))] == [
        ("n_unknown, may_be_unknown", "own_targets")
    ]
    assert [(found.expected.split(":")[0], found.rows[0].row) for found in failures(changed(1, 2, float("inf")))] == [
        ("n_infinite", "als_score")
    ]
    assert [(found.expected.split(":")[0], found.rows[0].row) for found in failures(changed(0, 1, -0.5))] == [
        ("lowest, is_time", "own_since")
    ]


def test_unknown_is_allowed_where_it_is_the_columns_default() -> None:
    assert failures(changed(0, 1, NAN)) == []


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_column_that_tells_the_label_is_named(sign: float) -> None:
    (found,) = failures(changed(1, 2, (sign * CUTS[1].labels).astype(np.float32)))
    assert found.expected.startswith("auc") and found.rows[0].row == "als_score"
    assert found.rows[0].value == 1.0 and "leaks the label" in found.cause


def test_a_constant_column_is_a_warning_that_stops_nothing() -> None:
    constant = [replace(cut, matrix=np.where([False, False, True], np.float32(2.0), cut.matrix)) for cut in CUTS]
    (found,) = failures(constant)
    assert found.rows[0].row == "als_score" and not found.stops
    assert str(found).startswith("warning: ranker columns")


@pytest.mark.parametrize(("share", "n_named"), [(0.0, 1), (1.0, 1), (0.3, 0)])
def test_the_share_of_positives_lies_between_bounds(share: float, n_named: int) -> None:
    labels = np.arange(N) < share * N
    found = [failure for failure in failures([replace(CUTS[0], labels=labels), CUTS[1]]) if failure.table == "ranker cuts"]
    assert [named.row for failure in found for named in failure.rows] == ["cut 0"] * n_named


def test_labels_that_reach_into_the_gates_period_are_named_by_cut() -> None:
    (found,) = failures([CUTS[0], replace(CUTS[1], label_end_s=GATE_S + 1.0)])
    assert found.rows[0].row == "cut 1" and "leak" in found.cause


def test_a_request_without_candidates_is_named() -> None:
    (found,) = failures(n_candidates=np.array([3, 0, 4], np.int64))
    assert [named.row for named in found.rows] == [1]


@given(st.lists(st.tuples(st.floats(-5.0, 5.0, width=32), st.booleans()), min_size=2, max_size=60))
def test_separation_agrees_with_scikit_learn_whatever_the_sign(rows: list[tuple[float, bool]]) -> None:
    values, labels = np.array([value for value, _ in rows], np.float32), np.array([label for _, label in rows])
    found = separation(values, labels)
    if labels.all() or not labels.any():
        assert np.isnan(found)
    else:
        auc = roc_auc_score(labels, values)
        assert found == pytest.approx(max(auc, 1.0 - auc))
        assert found == pytest.approx(separation(-values, labels))
