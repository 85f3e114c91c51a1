"""Forests of LightGBM as values: what is rounded, scaled, shortened or joined is a new forest. Pure.

They are made by rewriting the model's text, where each property of a tree is a line. Scores are raw: sums of one leaf per tree.
"""

import re
from collections.abc import Callable, Sequence

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
_TREES_END = "end of trees"


def floor_to_float32(values: Doubles) -> Doubles:
    """The largest float32 not above each value, as float64.

    >>> floor_to_float32(np.array([0.1, 0.5])) <= np.array([0.1, 0.5])
    array([ True,  True])
    """
    nearest = values.astype(np.float32)
    below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest.astype(np.float64) > values, below, nearest).astype(np.float64)


def with_float_thresholds(forest: lgb.Booster) -> lgb.Booster:
    """The same trees with float32 thresholds; their decisions are the same for every float32 input."""
    return _rewritten(forest, "threshold", floor_to_float32)


def scaled(forest: lgb.Booster, factor: float, offset: float = 0.0) -> lgb.Booster:
    """A forest whose scores are `factor` times those of `forest`, plus `offset`."""
    n_trees = forest.num_trees()
    return _rewritten(forest, "leaf_value", lambda leaves: leaves * factor + offset / n_trees)


def joined(forests: Sequence[lgb.Booster]) -> lgb.Booster:
    """A forest whose scores are the sum of those of `forests`, which read the same columns."""
    head, trees, tail = parts(forests[0])
    for forest in forests[1:]:
        trees += parts(forest)[1]
    numbered = (re.sub(r"^Tree=\d+$", f"Tree={place}", tree, count=1, flags=re.MULTILINE) for place, tree in enumerate(trees))
    return parsed("".join([head, *numbered, tail]))


def first_trees(forest: lgb.Booster, n_trees: int) -> lgb.Booster:
    """The first `n_trees` alone, which were learnt first."""
    return parsed(forest.model_to_string(num_iteration=n_trees))


def with_half_leaves(forest: lgb.Booster) -> lgb.Booster:
    """The same trees with leaves rounded to half precision."""
    return _rewritten(forest, "leaf_value", lambda leaves: leaves.astype(np.float16).astype(np.float64))


def _rewritten(forest: lgb.Booster, line: str, changed: Callable[[Doubles], Doubles]) -> lgb.Booster:
    def of_tree(match: re.Match[str]) -> str:
        values = changed(np.array(match[1].split(), np.float64))
        return f"{line}=" + " ".join(repr(float(value)) for value in values)

    return parsed(re.sub(rf"^{line}=(.*)$", of_tree, forest.model_to_string(), flags=re.MULTILINE))


def parsed(text: str) -> lgb.Booster:
    """The forest of a model's text, of which trees were changed."""
    # Byte sizes of trees are no longer right; without that line the text is parsed tree by tree.
    return lgb.Booster(model_str=re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE))


def parts(forest: lgb.Booster) -> tuple[str, list[str], str]:
    """The text before the trees, each tree, and the text after them."""
    text = forest.model_to_string()
    end = text.index(_TREES_END)
    head, *trees = re.split(r"^(?=Tree=\d+$)", text[:end], flags=re.MULTILINE)
    return head, trees, text[end:]
