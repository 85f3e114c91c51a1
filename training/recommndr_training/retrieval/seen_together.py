"""Stage seen_together: how often two items were taken soon after one another by the same shopper.

Pairs are those of an action with the shopper's next ones, within a window of time and of actions, whatever visits they belong
to: NDCG@10 of new items on tuning cuts is .025 on RetailRocket and .032 on grocer; within visits it is .008 and .025. The
number of pairs grows with the number of events, not with its square, so that robots cost no more.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer
from scipy import sparse

from recommndr_engine.retrievers.seen_together import HALF_LIFE_PARAMETER, LED_TO_TARGET, TOGETHER, LedToTarget, SeenTogether
from recommndr_engine.sparse_rows import SparseRows
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "seen_together/parameters.json"
_DAY_S = 86_400.0
Items = npt.NDArray[np.int64]  # rows of items
Floats = npt.NDArray[np.float64]
_ALL_BITS = np.uint32(0xFFFFFFFF)
_MAX_PAIRS = 4_000_000  # of these the newest; more take many seconds at each cut, and older ones weigh little


@dataclass(frozen=True, slots=True)
class SeenTogetherParams:
    """How far apart two actions of a pair may be, and how pairs are weighed.

    Damping keeps rare pairs from the top. In means of the shop's items it suits most shops: NDCG@10 of new items is .007, .025,
    .032 on grocer at .1, 3, 10 and .081, .079, .073 on Online Retail at .2, 2, 16.
    """

    half_life_days: float = 60.0  # of the pair
    window_days: float = 14.0
    n_following: int = 20  # a pair is an action and one of the shopper's next so many
    damping: float = 5.0  # in mean weights of an item that has any
    n_related: int = 50
    recent_half_life_days: float = 60.0  # of the shopper's newest items as queries


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of different items, each with the weight of the later action's age."""

    earlier: Items
    later: Items
    weights: Floats
    to_target: npt.NDArray[np.bool_]  # the later action weighs at least as much as the target kind


def pairs_of(known: Interactions, cut_s: float, options: SeenTogetherParams) -> Pairs:
    """Every positive action before `cut_s` with the shopper's next ones."""
    known = known.before(cut_s)
    kept = np.flatnonzero(known.weights > 0.0)[-(_MAX_PAIRS // options.n_following) :]
    kept = kept[np.argsort(known.users[kept], kind="stable")]  # stays oldest first within a shopper
    users, items, at_s = known.users[kept], known.items[kept].astype(np.int64), known.at_s[kept]
    age, target = np.exp2((at_s - cut_s) / (options.half_life_days * _DAY_S)), known.weights[kept] >= 1.0
    first, second = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for step in range(1, min(options.n_following + 1, len(kept))):
        same = (users[step:] == users[:-step]) & (items[step:] != items[:-step])
        same &= at_s[step:] - at_s[:-step] <= options.window_days * _DAY_S
        first.append(np.flatnonzero(same))
        second.append(first[-1] + step)
    one, other = np.concatenate(first), np.concatenate(second)
    return Pairs(items[one], items[other], age[other], target[other])


def counted(found: Pairs, n_items: int) -> sparse.csr_matrix:
    """(n_items, n_items): summed weights of the pairs, by the earlier item and the later one."""
    return sparse.coo_matrix((found.weights, (found.earlier, found.later)), shape=(n_items, n_items)).tocsr()


def related(together: sparse.csr_matrix, options: SeenTogetherParams) -> SparseRows:
    """For each row item its best columns by damped cosine: w(i, j) / sqrt((w(i) + d) (w(j) + d)), d = damping x mean w > 0.

    Equals stay in the order of their columns.
    """
    together.sort_indices()
    counts, n_items = np.diff(together.indptr), together.shape[0]
    rows, columns = np.repeat(np.arange(n_items), counts), together.indices
    of_row, of_column = (
        _damped(np.bincount(side, together.data, n_items).astype(np.float64), options) for side in (rows, columns)
    )
    values = (together.data / np.sqrt(of_row[rows] * of_column[columns])).astype(np.float32)
    # Bits of positive floats ascend as the floats do. One key that is in order but for each row's values sorts ten times
    # as fast as two keys.
    key = (rows.astype(np.uint64) << np.uint64(32)) | (_ALL_BITS - values.view(np.uint32))
    order = np.argsort(key, kind="stable")
    rank = np.arange(len(order)) - np.repeat(together.indptr[:-1], counts)
    order = order[rank < options.n_related]
    kept = np.r_[0, np.cumsum(np.minimum(counts, options.n_related))]
    return SparseRows(kept.astype(np.int64), columns[order].astype(np.int32), values[order])


def _damped(weights: Floats, options: SeenTogetherParams) -> Floats:
    some = weights[weights > 0.0]
    damped: Floats = weights + options.damping * (some.mean() if len(some) else 1.0)
    return damped


def fit(known: Interactions, cut_s: float, options: SeenTogetherParams) -> tuple[SparseRows, SparseRows | None]:
    """Items taken together in either order, and what led to the target; None where each action is one of the target."""
    found, n_items = pairs_of(known, cut_s, options), len(known.item_ids)
    in_order = counted(found, n_items)
    together = related((in_order + in_order.T).tocsr(), options)
    if known.before(cut_s).is_all_target:
        return together, None
    led = found.to_target
    to_target = Pairs(found.earlier[led], found.later[led], found.weights[led], found.to_target[led])
    return together, related(counted(to_target, n_items), options)


def _options(profile: str) -> SeenTogetherParams:
    return SeenTogetherParams(**stage_settings.settings(profile, "seen_together"))


def _retrievers(known: Interactions, cut_s: float, options: SeenTogetherParams) -> list[SeenTogether]:
    together, led = fit(known, cut_s, options)
    half_life_s = options.recent_half_life_days * _DAY_S
    return [SeenTogether(together, half_life_s)] + ([] if led is None else [LedToTarget(led, half_life_s)])


def _write(known: Interactions, cut_s: float, options: SeenTogetherParams, directory: Path) -> None:
    (directory / TOGETHER).parent.mkdir(parents=True, exist_ok=True)
    for stem, matrix in zip((TOGETHER, LED_TO_TARGET), fit(known, cut_s, options), strict=True):
        if matrix is None:
            SparseRows.remove(directory / stem)
        else:
            matrix.write(directory / stem)
    stage_files.save_parameters(directory / PARAMETERS, {HALF_LIFE_PARAMETER: options.recent_half_life_days * _DAY_S})


FIT = RetrieverFit(
    _options,
    _retrievers,
    _write,
    (
        Axis("recent_half_life_days", (1.0 / 24.0, 1.0, 7.0, 60.0), is_time=True),
        Axis("window_days", (1.0 / 24.0, 1.0, 14.0, 60.0), is_time=True),
        Axis("damping", (0.1, 1.0, 5.0, 20.0)),
    ),
)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
