"""Builds training matrices: weighted sums per user and item -> sparse matrices, the ids of rows and columns, a summary."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse

from recommndr_lake_writer.aggregate import Aggregate
from recommndr_lake_writer.evidence import LEARNABLE, Evidence
from recommndr_training.stage_files import save_json

Ints = npt.NDArray[np.int32]
_CURE = "Lower --min-interactions, take a longer period (--since, --until) or more kinds (--kinds)"


class NoInteractions(ValueError):
    """There are no interactions for a matrix; the message says why and what to do."""


class TooSparse(ValueError):
    """Too few users share items to learn from the matrix; the message has the figures and the remedy."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Three (n_users, n_items) float32 matrices with the same rows and columns, ids sorted; zeros are not stored.

    `interest` is what ALS learns from (`recommndr_lake_writer.interest`). `positive` and `negative` hold sums of |weight| >= 0.
    An interaction is a distinct (user, item) pair of either sign.
    """

    user_ids: pa.Array
    item_ids: pa.Array
    interest: sparse.csr_matrix
    positive: sparse.csr_matrix
    negative: sparse.csr_matrix
    n_per_user: Ints
    n_per_item: Ints

    def evidence(self) -> Evidence:
        """The evidence to learn from, counted on `positive`."""
        per_user = np.diff(self.positive.indptr)
        per_item = np.bincount(self.positive.indices, minlength=len(self.item_ids))
        return Evidence(
            n_users=len(self.user_ids),
            n_items=len(self.item_ids),
            n_pairs=self.positive.nnz,
            n_linking_users=int((per_user >= 2).sum()),
            n_shared_items=int((per_item >= 2).sum()),
        )


def build(aggregated: Aggregate, min_interactions: int = 1) -> Dataset:
    """Matrices of users and items that have `min_interactions` with each other; raises `NoInteractions`, `TooSparse`.

    Removing an item may leave a user with too few, so both are removed in turn until all have enough (the k-core, which does
    not depend on the order).
    """
    pairs = aggregated.pairs
    if not pairs.num_rows:
        raise NoInteractions("no interactions: none of the tenant's lines is within the period and of a kind that counts")
    user_ids, user_of = _rows(pairs["user_id"])
    item_ids, item_of = _rows(pairs["item_id"])
    kept = core(user_of, item_of, min_interactions)
    if not kept.any():
        raise TooSparse(
            f"matrix too sparse: {pairs.num_rows} pairs of {len(user_ids)} users and {len(item_ids)} items, but no "
            f"users and items that have {min_interactions} interactions each among themselves. {_CURE}"
        )
    made = _matrices(pairs.filter(pa.array(kept)))
    evidence = made.evidence()
    if lacking := LEARNABLE.lacks(evidence):
        raise TooSparse(f"matrix too sparse to learn from: {lacking}; it has {evidence}. {_CURE}")
    return made


def core(user_of: Ints, item_of: Ints, least: int) -> npt.NDArray[np.bool_]:
    """(n,) which of the distinct pairs belong to users and items with `least` such pairs each."""
    kept = np.ones(len(user_of), bool)
    n_before = -1
    while (n_kept := int(kept.sum())) != n_before:
        n_before = n_kept
        for row_of in (user_of, item_of):
            counts = np.bincount(row_of[kept], minlength=int(row_of.max(initial=-1)) + 1)
            kept &= counts[row_of] >= least
    return kept


def _matrices(pairs: pa.Table) -> Dataset:
    user_ids, user_of = _rows(pairs["user_id"])
    item_ids, item_of = _rows(pairs["item_id"])
    shape = (len(user_ids), len(item_ids))

    def matrix(name: str) -> sparse.csr_matrix:
        values = pairs[name].to_numpy().astype(np.float32)
        made = sparse.csr_matrix((values, (user_of, item_of)), shape=shape)
        made.eliminate_zeros()
        made.sort_indices()
        return made

    n_per_user, n_per_item = (
        np.bincount(of, minlength=n).astype(np.int32) for of, n in zip((user_of, item_of), shape, strict=True)
    )
    interest, positive, negative = map(matrix, ("interest", "positive", "negative"))
    return Dataset(user_ids, item_ids, interest, positive, negative, n_per_user, n_per_item)


def _rows(ids: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Distinct ids in order of their bytes, and the row of each of `ids`."""
    distinct = ids.unique().sort()
    return distinct, pc.index_in(ids, value_set=distinct).to_numpy().astype(np.int32)


def write(dataset: Dataset, directory: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write matrices, ids and `summary.json` (counts and `about`); the same dataset gives the same bytes.

    Returns the summary. The files `.npz` are scipy's (`load_npz`); row r of a matrix is row r of
    `users.parquet`, column c is row c of `items.parquet`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("interest", "positive", "negative"):
        sparse.save_npz(directory / f"{name}.npz", getattr(dataset, name))
    for name, id_name, ids, counts in (
        ("users", "user_id", dataset.user_ids, dataset.n_per_user),
        ("items", "item_id", dataset.item_ids, dataset.n_per_item),
    ):
        rows = {"row": pa.array(range(len(ids)), pa.int32()), id_name: ids, "n_interactions": pa.array(counts, pa.int32())}
        pq.write_table(pa.table(rows), directory / f"{name}.parquet", compression="zstd")
    summary = dict(about) | counts_of(dataset)
    save_json(directory / "summary.json", summary)
    return summary


def counts_of(dataset: Dataset) -> dict[str, Any]:
    """The counts of a dataset, for its summary."""
    evidence = dataset.evidence()
    return {
        "n_users": evidence.n_users,
        "n_items": evidence.n_items,
        "n_interactions": int(dataset.n_per_user.sum()),
        "n_interest": dataset.interest.nnz,
        "n_positive": dataset.positive.nnz,
        "n_negative": dataset.negative.nnz,
        "density": evidence.density,
        "positive_items_per_user": evidence.mean_per_user,
        "n_users_with_two_items": evidence.n_linking_users,
        "n_items_with_two_users": evidence.n_shared_items,
    }
