"""What is rounded, scaled, shortened or joined scores as reasoning says, in LightGBM and in ONNX."""

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_training.ranking import forest, onnx_trees
from recommndr_training.ranking.pruned_forest import pruned

RANDOM = np.random.default_rng(4)
MATRIX = RANDOM.normal(size=(1_500, 4)).astype(np.float32)
MATRIX[RANDOM.random(MATRIX.shape) < 0.1] = np.nan
LABELS = (np.nan_to_num(MATRIX[:, 0]) + RANDOM.normal(size=len(MATRIX)) > 0.5).astype(np.float32)
REQUESTS = np.repeat(np.arange(15, dtype=np.int32), 100)


def trained(objective: str, n_trees: int) -> lgb.Booster:
    given = {"objective": objective, "num_leaves": 7, "verbose": -1, "num_threads": 1, "seed": 1}
    return lgb.train(given, lgb.Dataset(MATRIX, LABELS, group=np.full(15, 100)), n_trees)


LOG_LOSS, LAMBDAMART = trained("binary", 12), trained("lambdarank", 8)


def scores(booster: lgb.Booster) -> np.ndarray:
    return np.asarray(booster.predict(MATRIX, raw_score=True))


def test_the_scores_of_joined_forests_are_summed() -> None:
    both = forest.joined([LOG_LOSS, LAMBDAMART])
    assert both.num_trees() == 20
    assert scores(both) == pytest.approx(scores(LOG_LOSS) + scores(LAMBDAMART))


@settings(deadline=None, max_examples=10)
@given(st.floats(0.01, 10.0), st.floats(-5.0, 5.0))
def test_a_scaled_forest_keeps_the_order(factor: float, offset: float) -> None:
    assert scores(forest.scaled(LOG_LOSS, factor, offset)) == pytest.approx(factor * scores(LOG_LOSS) + offset, abs=1e-9)


def test_the_first_trees_are_those_learnt_first() -> None:
    assert scores(forest.first_trees(LOG_LOSS, 5)) == pytest.approx(LOG_LOSS.predict(MATRIX, raw_score=True, num_iteration=5))


def test_half_precision_leaves_change_scores_a_little() -> None:
    difference = np.abs(scores(forest.with_half_leaves(LOG_LOSS)) - scores(LOG_LOSS))
    assert 0.0 < difference.max() < 12 * 1e-3


def test_a_joined_forest_is_one_model_in_onnx_with_the_same_scores() -> None:
    both = forest.with_float_thresholds(forest.joined([forest.scaled(LOG_LOSS, 0.5), forest.scaled(LAMBDAMART, 2.0)]))
    assert onnx_trees.check_parity(both, onnx_trees.convert(both), MATRIX, REQUESTS) <= onnx_trees.TOLERANCE


def n_splits(booster: lgb.Booster) -> int:
    return sum(tree["num_leaves"] - 1 for tree in booster.dump_model()["tree_info"])


def mean_leaf(node: dict) -> tuple[float, float]:
    """The mean of the leaves below a node by their weights, and the sum of these."""
    if "leaf_value" in node:
        return node["leaf_value"], node["leaf_weight"]
    (left, left_weight), (right, right_weight) = mean_leaf(node["left_child"]), mean_leaf(node["right_child"])
    weight = left_weight + right_weight
    return (left * left_weight + right * right_weight) / weight, weight


def branches(before: dict, after: dict) -> list[tuple[dict, dict]]:
    """The branches of a tree that became leaves, each with its leaf."""
    if "leaf_value" in after:
        return [(before, after)] if "leaf_value" not in before else []
    assert before["split_feature"] == after["split_feature"]
    assert before["threshold"] == after["threshold"]
    return [pair for side in ("left_child", "right_child") for pair in branches(before[side], after[side])]


@settings(deadline=None, max_examples=20)
@given(st.floats(0.0, 1.0), st.sampled_from([LOG_LOSS, LAMBDAMART]))
def test_a_pruned_forest_keeps_this_share_of_its_splits_and_the_first_of_each_tree(share: float, booster: lgb.Booster) -> None:
    left = pruned(booster, share)
    wanted = share * n_splits(booster)
    # Branches of one gain go or stay together, and a first split stays.
    assert n_splits(left) >= max(booster.num_trees(), wanted - 1)
    assert n_splits(left) <= wanted + booster.num_trees() + 6
    assert left.num_trees() == booster.num_trees()


def test_a_forest_with_all_of_its_splits_is_the_same() -> None:
    assert pruned(LOG_LOSS, 1.0).model_to_string() == forest.parsed(LOG_LOSS.model_to_string()).model_to_string()


@pytest.mark.parametrize("booster", [LOG_LOSS, LAMBDAMART])
def test_a_branch_that_goes_becomes_a_leaf_of_its_leaves_mean_by_weight(booster: lgb.Booster) -> None:
    whole, left = (each.dump_model()["tree_info"] for each in (booster, pruned(booster, 0.5)))
    gone = [pair for a, b in zip(whole, left, strict=True) for pair in branches(a["tree_structure"], b["tree_structure"])]
    assert len(gone) > booster.num_trees() // 2
    for branch, leaf in gone:
        assert leaf["leaf_value"] == pytest.approx(mean_leaf(branch)[0], rel=1e-4, abs=1e-5)


def test_splits_of_less_gain_go_first() -> None:
    def gains(booster: lgb.Booster) -> float:
        return float(np.sum(booster.feature_importance("gain")))

    assert gains(pruned(LOG_LOSS, 0.5)) > 0.75 * gains(LOG_LOSS)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_a_pruned_forest_scores_the_same_in_onnx_and_takes_fewer_bytes(share: float) -> None:
    left = forest.with_float_thresholds(pruned(forest.joined([LOG_LOSS, forest.scaled(LAMBDAMART, 2.0)]), share))
    onnx = onnx_trees.convert(left)
    assert onnx_trees.check_parity(left, onnx, MATRIX, REQUESTS) <= onnx_trees.TOLERANCE
    assert len(onnx) < len(onnx_trees.convert(forest.joined([LOG_LOSS, LAMBDAMART])))


def test_a_forest_of_single_leaves_has_nothing_to_prune() -> None:
    alike = lgb.train({"objective": "binary", "verbose": -1}, lgb.Dataset(MATRIX, np.ones(len(MATRIX))), 2)
    assert scores(pruned(alike, 0.5)) == pytest.approx(scores(alike))
