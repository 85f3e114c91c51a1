"""Forests of LightGBM without the splits that tell least. Pure.

A split goes only with all splits below it, so what goes from a tree are whole branches. Each becomes a leaf with the value that
LightGBM keeps for the node: the mean of the leaves below it, weighted by their hessians. One threshold on the gain holds for
all trees, because gains of one forest are in one unit: reductions of its loss (weakest-link pruning, Breiman et al. 1984).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from recommndr_training.ranking import forest

_SPLITS = ("split_feature", "split_gain", "threshold", "decision_type", "internal_value", "internal_weight", "internal_count")
_LEAVES = ("value", "weight", "count")
_CHILDREN = ("left_child", "right_child")
Words = npt.NDArray[np.str_]


def pruned(booster: lgb.Booster, share: float) -> lgb.Booster:
    """The forest with a `share` (0 to 1) of its splits, those with the most gain; each tree keeps its first split."""
    if share >= 1.0:
        return booster
    head, trees, tail = forest.parts(booster)
    grown = [_Tree.parse(tree) for tree in trees]
    gains = np.concatenate([tree.branch_gains() for tree in grown])
    if not len(gains):
        return booster
    least = np.sort(gains)[min(round((1.0 - share) * len(gains)), len(gains) - 1)]
    return forest.parsed("".join([head, *(tree.cut(least) for tree in grown), tail]))


@dataclass(frozen=True, slots=True)
class _Tree:
    """The text of one tree and its arrays as words. A split's children have higher numbers than the split itself."""

    text: str
    words: Mapping[str, Words]

    @classmethod
    def parse(cls, text: str) -> "_Tree":
        lines = (line.split("=", 1) for line in text.splitlines() if "=" in line)
        return cls(text, {name: np.array(value.split()) for name, value in lines})

    def branch_gains(self) -> npt.NDArray[np.float64]:
        """(n_splits,) the largest gain of each split and of those below it; of the first one infinity, because it stays."""
        gains = self.words["split_gain"].astype(np.float64)
        children = np.stack([self.words[name].astype(np.int64) for name in _CHILDREN], axis=1)
        for split in range(len(gains) - 1, -1, -1):
            below = children[split][children[split] >= 0]
            gains[split] = max(gains[split], *gains[below]) if len(below) else gains[split]
        gains[:1] = np.inf
        return gains

    def cut(self, least: float) -> str:
        """The text of the tree without the splits of a lower branch gain than `least`."""
        kept = self.branch_gains() >= least
        if kept.all():
            return self.text
        children = np.stack([self.words[name].astype(np.int64) for name in _CHILDREN])[:, kept]
        is_split = (children >= 0) & kept[children.clip(0)]
        # Leaves are numbered anew, in the order in which splits name them.
        numbered = np.where(
            is_split, np.cumsum(kept)[children.clip(0)] - 1, ~(np.cumsum(~is_split).reshape(children.shape) - 1)
        )
        ends = children[~is_split]
        changed = dict(zip(_CHILDREN, numbered.astype(str), strict=True))
        changed |= {name: self.words[name][kept] for name in _SPLITS}
        for name in _LEAVES:
            leaves, splits = self.words[f"leaf_{name}"], self.words[f"internal_{name}"]
            changed[f"leaf_{name}"] = np.where(ends < 0, leaves[~ends.clip(None, -1)], splits[ends.clip(0)])
        changed["num_leaves"] = np.array([str(len(ends))])
        return re.sub(r"^(\w+)=.*$", lambda line: _line(line, changed), self.text, flags=re.MULTILINE)


def _line(line: re.Match[str], changed: Mapping[str, Words]) -> str:
    name = line[1]
    return f"{name}={' '.join(changed[name])}" if name in changed else line[0]
