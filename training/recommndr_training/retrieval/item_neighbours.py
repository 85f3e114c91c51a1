"""Stage item_neighbours: for each item, the items of the same shoppers and those of the same visits.

Both are damped, recency-weighted cosines: sum_x w_x(i) w_x(j) / sqrt((|w(i)|^2 + d) (|w(j)|^2 + d)) over shoppers or visits x.
The damping d keeps two items with one buyer each from being perfect neighbours.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from implicit.nearest_neighbours import all_pairs_knn
from scipy import sparse

from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers.item_neighbours import CO_VISITS, NEIGHBOURS, CoVisits, Neighbours
from recommndr_engine.sparse_rows import SparseRows
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "item_neighbours/parameters.json"
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ItemNeighboursParams:
    """The time range of neighbours, the number kept, and limits for rare items and large visits."""

    half_life_days: float = 90.0
    n_neighbours: int = 50
    damping: float = 20.0
    min_shoppers: int = 3
    max_visit_items: int = 100  # in a larger basket pairs of items are weak evidence
    max_shopper_items: int = 1_000  # those of most interest: a robot with 10,000 items would make 100 million pairs
    co_visits_damping: float = 100.0
    recent_half_life_days: float = 60.0  # half-life of the shopper's newest items as co-visit queries


def fit(known: Interactions, cut_s: float, options: ItemNeighboursParams) -> tuple[SparseRows, SparseRows]:
    """Neighbours and co-visits from interactions before `cut_s`."""
    return fit_neighbours(known, cut_s, options), fit_co_visits(known, cut_s, options)


def fit_neighbours(known: Interactions, cut_s: float, options: ItemNeighboursParams) -> SparseRows:
    """The items of the same shoppers."""
    by_user = _by_user(known.before(cut_s), cut_s, options)
    common = _common(by_user, options)
    by_user = _largest(by_user, options.max_shopper_items)
    by_user.data = np.sqrt(by_user.data)
    return _neighbours(by_user, common, options.damping, options.n_neighbours)


def fit_co_visits(known: Interactions, cut_s: float, options: ItemNeighboursParams) -> SparseRows:
    """The items of the same visits."""
    known = known.before(cut_s)
    common = _common(_by_user(known, cut_s, options), options)
    by_visit = _by_visit(known, known.decay(cut_s, options.half_life_days * _DAY_S) * known.weights, options)
    return _neighbours(by_visit, common, options.co_visits_damping, options.n_neighbours)


def _by_user(past: Interactions, cut_s: float, options: ItemNeighboursParams) -> sparse.csr_matrix:
    return past.interests(cut_s, options.half_life_days * _DAY_S)


def _common(by_user: sparse.csr_matrix, options: ItemNeighboursParams) -> np.ndarray:
    common: np.ndarray = np.bincount(by_user.indices, minlength=by_user.shape[1]) >= options.min_shoppers
    return common


def _largest(matrix: sparse.csr_matrix, n: int) -> sparse.csr_matrix:
    """The matrix with the `n` largest values of each row, ties to the smaller column."""
    sizes = np.diff(matrix.indptr)
    if sizes.max(initial=0) <= n:
        return matrix
    rows = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    kept = np.sort(order[np.arange(len(order)) - np.repeat(matrix.indptr[:-1], sizes) < n])
    starts = np.r_[0, np.cumsum(np.minimum(sizes, n))]
    return sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)


def _by_visit(known: Interactions, weights: np.ndarray, options: ItemNeighboursParams) -> sparse.csr_matrix:
    """(n_visits, n_items): root of the largest weight an item had in a visit, shared among the visit's other items."""
    n_items = len(known.item_ids)
    key, place = np.unique(known.visits.astype(np.int64) * n_items + known.items, return_inverse=True)
    largest = np.zeros(len(key))
    np.maximum.at(largest, place, weights)
    key, largest = key[largest > 0.0], largest[largest > 0.0]
    visits, items = key // n_items, key % n_items
    size = np.bincount(visits)[visits] if len(visits) else visits
    kept = (size > 1) & (size <= options.max_visit_items)
    # Each of a visit's size * (size - 1) pairs gets 1 / (size - 1), so that longer visits get no more weight per item.
    values = np.sqrt(largest[kept] / (size[kept] - 1))
    shape = (int(visits.max(initial=-1)) + 1, n_items)
    return sparse.csr_matrix((values.astype(np.float32), (visits[kept], items[kept])), shape=shape)


def _neighbours(matrix: sparse.csr_matrix, common: np.ndarray, damping: float, n: int) -> SparseRows:
    """The `n` best other columns for each column of `matrix` that is `common`."""
    squared = np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel()
    scale = np.where(common, 1.0 / np.sqrt(squared + damping), 0.0)
    # The kernel has a sum per item: those that are often added to lie next to each other, which takes a third off its time.
    items = np.argsort(-np.bincount(matrix.indices, minlength=len(scale)), kind="stable")
    items = items[scale[items] > 0.0]
    normed = (matrix @ sparse.diags(scale)).tocsr()[:, items].astype(np.float64)  # the kernel takes doubles
    normed.sort_indices()
    similar = all_pairs_knn(normed, n + 1, show_progress=False, num_threads=0).tocoo()  # + 1: an item is its own neighbour
    kept = (similar.row != similar.col) & (similar.data > 0.0)
    return best_first(items[similar.row[kept]], items[similar.col[kept]], similar.data[kept], matrix.shape[1])


def best_first(rows: np.ndarray, columns: np.ndarray, values: np.ndarray, n_rows: int) -> SparseRows:
    """Each row with its largest value first, equal ones by column; the entries of a row come one after the other."""
    counts, begins = np.bincount(rows, minlength=n_rows), np.flatnonzero(np.diff(rows, prepend=-1))
    place = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    # To sort many short lines of a table, padded at their ends, takes a third of the time of sorting all entries.
    shape = (n_rows, int(counts.max(initial=0)))
    table = [np.full(shape, np.iinfo(np.int64).max), np.full(shape, np.inf)]
    table[0][rows, place], table[1][rows, place] = columns, -values
    for key in range(2):  # by column, then by value, which keeps the order of equal ones
        order = np.argsort(table[key], axis=1, kind="stable")
        table = [np.take_along_axis(part, order, axis=1) for part in table]
    by_column, negated = (part[np.arange(shape[1]) < counts[:, np.newaxis]] for part in table)
    starts = np.r_[0, np.cumsum(counts)]
    return SparseRows(starts.astype(np.int64), by_column.astype(np.int32), -negated.astype(np.float32))


def _options(profile: str) -> ItemNeighboursParams:
    return ItemNeighboursParams(**stage_settings.counting(profile, "item_neighbours"))


def _retrievers(known: Interactions, cut_s: float, options: ItemNeighboursParams) -> list[Retriever]:
    return [*_of_shoppers(known, cut_s, options), *_of_visits(known, cut_s, options)]


def _of_shoppers(known: Interactions, cut_s: float, options: ItemNeighboursParams) -> list[Retriever]:
    return [Neighbours(fit_neighbours(known, cut_s, options))]


def _of_visits(known: Interactions, cut_s: float, options: ItemNeighboursParams) -> list[Retriever]:
    return [CoVisits(fit_co_visits(known, cut_s, options), options.recent_half_life_days * _DAY_S)]


def _write(known: Interactions, cut_s: float, options: ItemNeighboursParams, directory: Path) -> None:
    neighbours, co_visits = fit(known, cut_s, options)
    (directory / NEIGHBOURS).parent.mkdir(parents=True, exist_ok=True)
    neighbours.write(directory / NEIGHBOURS)
    co_visits.write(directory / CO_VISITS)
    stage_files.save_parameters(
        directory / PARAMETERS,
        {"co_visits.half_life_s": options.recent_half_life_days * _DAY_S, "neighbours.half_life_days": options.half_life_days},
    )


FIT = RetrieverFit(
    _options,
    _retrievers,
    _write,
    (
        Axis("min_shoppers", (1, 2, 3)),
        Axis("half_life_days", (7.0, 30.0, 90.0, 365.0), is_time=True),
        Axis("recent_half_life_days", (1.0 / 24.0, 1.0, 7.0, 60.0), is_time=True, changed=_of_visits),
        Axis("damping", (1.0, 20.0, 100.0), changed=_of_shoppers),
        Axis("co_visits_damping", (5.0, 100.0), changed=_of_visits),
    ),
)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
