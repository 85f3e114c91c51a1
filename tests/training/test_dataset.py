import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommndr_lake_writer.aggregate import SCHEMA, Aggregate
from recommndr_training.retrieval.dataset import NoInteractions, TooSparse, build, core, write

AT = datetime(2026, 3, 1, tzinfo=UTC)
Pair = tuple[str, str]
pairs_ = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")))


def aggregated(sums: dict[Pair, tuple[float, float]]) -> Aggregate:
    rows = [
        {"user_id": user, "item_id": item, "positive": positive, "negative": negative, "interest": positive / 5.0}
        | {"n_lines": 1, "last_at": AT}
        for (user, item), (positive, negative) in sorted(sums.items())
    ]
    return Aggregate(pa.Table.from_pylist(rows, SCHEMA), {}, AT, AT)


SQUARE = {("a", "x"): (5.0, 0.0), ("a", "y"): (1.0, 2.0), ("b", "x"): (3.0, 0.0), ("b", "y"): (1.0, 0.0)}


def kept(pairs: set[Pair], least: int) -> set[Pair]:
    ordered = sorted(pairs)
    users, items = (np.array([ord(pair[side]) for pair in ordered], np.int32) for side in (0, 1))
    return {pair for pair, stays in zip(ordered, core(users, items, least), strict=True) if stays}


@given(pairs_, st.integers(1, 4))
def test_all_that_stay_have_enough_among_themselves_and_nobody_could_come_back(pairs: set[Pair], least: int) -> None:
    left = kept(pairs, least)
    for side in (0, 1):
        assert all(sum(other[side] == pair[side] for other in left) >= least for pair in left)
    # The largest such set: removing pairs one at a time for having too few never removes one of these.
    shrinking = set(pairs)
    while weak := [p for p in shrinking if min(sum(q[side] == p[side] for q in shrinking) for side in (0, 1)) < least]:
        shrinking.remove(weak[0])
    assert left == shrinking


@given(pairs_)
def test_everybody_stays_when_one_interaction_is_enough(pairs: set[Pair]) -> None:
    assert kept(pairs, 1) == pairs


def test_rows_and_columns_are_sorted_ids_and_signs_are_kept_apart() -> None:
    made = build(aggregated(SQUARE | {("c", "y"): (0.0, 1.0)}))
    assert (made.user_ids.to_pylist(), made.item_ids.to_pylist()) == (["a", "b", "c"], ["x", "y"])
    assert made.positive.toarray().tolist() == [[5, 1], [3, 1], [0, 0]]
    assert made.negative.toarray().tolist() == [[0, 2], [0, 0], [0, 1]]
    assert (made.positive.dtype, made.negative.nnz) == (np.float32, 2)
    assert (made.n_per_user.tolist(), made.n_per_item.tolist()) == ([2, 2, 1], [2, 3])


def test_users_and_items_with_too_few_interactions_leave_together() -> None:
    made = build(aggregated(SQUARE | {("c", "y"): (1.0, 0.0), ("c", "z"): (1.0, 0.0)}), min_interactions=2)
    assert (made.user_ids.to_pylist(), made.item_ids.to_pylist()) == (["a", "b"], ["x", "y"])


def test_nothing_at_all_is_distinguished_from_too_sparse() -> None:
    with pytest.raises(NoInteractions, match="no interactions"):
        build(aggregated({}))


@pytest.mark.parametrize(
    ("sums", "least", "figures"),
    [
        ({(f"u{n}", "x"): (1.0, 0.0) for n in range(9)}, 1, "0 users with two items or more of 2.*9 users, 1 items, 9 pairs"),
        ({("a", f"i{n}"): (1.0, 0.0) for n in range(9)}, 1, "0 items with two users or more of 2"),
        ({(f"u{n}", i): (1.0, 0.0) for n in range(9) for i in ("x", f"i{n}")}, 1, "1 items with two users or more of 2"),
        ({pair: (0.0, 1.0) for pair in SQUARE}, 1, "0 pairs"),
        (SQUARE, 3, "4 pairs of 2 users and 2 items, but no users and items that have 3"),
    ],
    ids=["one item", "one user", "own items only", "negatives only", "high bar"],
)
def test_a_matrix_nothing_can_be_learnt_from_is_refused_with_figures_and_remedy(
    sums: dict[Pair, tuple[float, float]], least: int, figures: str
) -> None:
    with pytest.raises(TooSparse, match=f"too sparse.*{figures}.*Lower --min-interactions.*longer period.*more kinds"):
        build(aggregated(sums), least)


weights = st.floats(0, 1e6, width=32)


@settings(deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), st.tuples(weights, weights)))
def test_what_is_written_reads_back_and_is_the_same_bytes_again(
    tmp_path_factory: pytest.TempPathFactory, sums: dict[Pair, tuple[float, float]]
) -> None:
    sums = dict.fromkeys([(user, item) for user in "ab" for item in "uv"], (1.0, 0.0)) | sums
    try:
        made = build(aggregated(sums))
    except TooSparse:  # an example may weigh all of the square 0
        return
    first, second = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    summary = write(made, first, {"tenant": "shop"})
    write(made, second, {"tenant": "shop"})
    names = {"interest.npz", "positive.npz", "negative.npz", "users.parquet", "items.parquet", "summary.json"}
    assert {path.name for path in first.iterdir()} == names
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
    users, items = (pq.read_table(first / f"{name}.parquet") for name in ("users", "items"))
    assert users["row"].to_pylist() == list(range(users.num_rows))
    assert sum(users["n_interactions"].to_pylist()) == sum(items["n_interactions"].to_pylist()) == len(sums)
    for place, name in enumerate(("positive", "negative")):
        matrix = sparse.load_npz(first / f"{name}.npz")
        assert matrix.shape == (users.num_rows, items.num_rows)
        stored = matrix.tocoo()
        assert {
            (users["user_id"][row].as_py(), items["item_id"][column].as_py()): value
            for row, column, value in zip(stored.row, stored.col, stored.data, strict=True)
        } == {pair: weighed[place] for pair, weighed in sums.items() if weighed[place]}
    assert (summary["n_positive"], summary["tenant"]) == (made.positive.nnz, "shop")


def test_no_clock_time_is_in_the_files(tmp_path: Path) -> None:
    write(build(aggregated(SQUARE)), tmp_path, {})
    with zipfile.ZipFile(tmp_path / "positive.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
