"""The smallest ranker that is as good: fewer trees, fewer splits or rounded leaves against it as learnt, on the tuning cut.

The rule of the design: the smallest variant whose paired 95 % interval stays above -0.5 % for all items and above -2 % for new
ones; where shoppers are too few to tell, the whole ranker ships. Sizes are bytes of the ONNX graph. ONNX keeps thresholds and
leaves as 32 bits, so rounding them saves nothing: the table shows it, and the rule never takes it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np

from recommndr_engine.ranker import Matrix, OnnxRanker
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import forest, onnx_trees, tuning_quality
from recommndr_training.ranking.pruned_forest import pruned
from recommndr_training.ranking.ranker_variants import Part, summed
from recommndr_training.relative_gain import Figures, Gain, by_question, flat

WHOLE = "whole"
ROUNDED = "leaves in half precision"
MAX_LOSS = {"all": 0.005, "new": 0.02}
_ROWS = (200, 500)
_N_RUNS = 30


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a ranker: shares of its trees, the first ones, and of their splits, those of the largest gain."""

    trees: float = 1.0
    splits: float = 1.0


SHARES = {
    "three quarters of the trees": Kept(trees=0.75),
    "half of the trees": Kept(trees=0.5),
    "a third of the trees": Kept(trees=1.0 / 3.0),
    "three quarters of the splits": Kept(splits=0.75),
    "half of the splits": Kept(splits=0.5),
    "a third of the splits": Kept(splits=1.0 / 3.0),
}


@dataclass(frozen=True, slots=True)
class Size:
    """One variant of the ranker's size."""

    name: str
    n_trees: int
    n_bytes: int
    p50_ms: dict[int, float]  # by number of candidates, in ONNX Runtime on one thread
    means: dict[str, float]
    gains: dict[str, Gain]  # by question, over the whole ranker

    @property
    def is_as_good(self) -> bool:
        """Whether the interval excludes a loss that matters."""
        return as_good(self.gains)

    def to_json(self) -> dict[str, Any]:
        """For the stage's report; without times, which differ from run to run."""
        return self.means | flat(self.gains) | {"n_trees": self.n_trees, "bytes": self.n_bytes}


def as_good(gains: Mapping[str, Gain]) -> bool:
    """Whether the intervals of both questions exclude a loss that matters."""
    return all(gains[question].low > -most for question, most in MAX_LOSS.items())


def sizes(parts: Sequence[Part], judges: Examples, base: Figures) -> list[Size]:
    """The whole ranker first, then the others; `base` are the figures of the whole."""
    whole = summed(parts)
    smaller = {ROUNDED: forest.with_half_leaves(whole)} | {name: summed(reduced(parts, one)) for name, one in SHARES.items()}
    return [
        _size(WHOLE, whole, judges, base, base),
        *(_size(name, each, judges, _figures(each, judges), base) for name, each in smaller.items()),
    ]


def kept(size: str) -> Kept:
    """What the size of this name keeps."""
    return SHARES.get(size, Kept())


def reduced(parts: Sequence[Part], share: Kept) -> list[Part]:
    """The first trees of each part, one at least, without the splits of the least gain."""
    counts = [max(1, round(part.n_trees * share.trees)) for part in parts]
    return [
        replace(part, booster=pruned(forest.first_trees(part.booster, n_trees), share.splits), n_trees=n_trees)
        for part, n_trees in zip(parts, counts, strict=True)
    ]


def chosen(found: Sequence[Size]) -> str:
    """The name of the smallest size that is as good as the whole.

    Fewer trees go before fewer splits: of two forests with as many bytes the one of fewer trees is faster.
    """
    as_good = [size for size in found if size.name == WHOLE or size.is_as_good]
    return min(as_good, key=lambda size: (size.n_trees, size.n_bytes, size.name != WHOLE)).name


def _size(name: str, each: lgb.Booster, judges: Examples, figures: Figures, base: Figures) -> Size:
    onnx, gains = onnx_trees.convert(each), by_question(figures, base)
    times = {n_rows: _p50_ms(OnnxRanker(onnx), judges.matrix[:n_rows]) for n_rows in _ROWS}
    return Size(name, each.num_trees(), len(onnx), times, tuning_quality.means(figures), gains)


def _figures(each: lgb.Booster, judges: Examples) -> Figures:
    return tuning_quality.figures(judges, np.asarray(each.predict(judges.matrix, raw_score=True), np.float32))


def _p50_ms(ranker: OnnxRanker, matrix: Matrix) -> float:
    took = []
    for _ in range(_N_RUNS):
        began = time.perf_counter()
        ranker.score(matrix)
        took.append(time.perf_counter() - began)
    return float(np.median(took)) * 1_000.0
