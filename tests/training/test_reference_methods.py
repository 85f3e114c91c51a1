"""Reference methods: they know nothing of the cut or later, and do what their papers say."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommndr.tenancy import TenantPolicy
from recommndr_training.data.interactions import Interactions, Ints
from recommndr_training.judging import reference_methods
from recommndr_training.judging.reference.collaborative import COLLABORATIVE, Ease
from recommndr_training.judging.reference.method import DAY_S, Method, Variant, top
from recommndr_training.judging.reference.personal import PERSONAL, basket_vectors, tifu_knn
from recommndr_training.judging.reference.popular import POPULAR, by_category, category_variants, within
from recommndr_training.judging.reference.sessions import SESSIONS, association, last_items, vmis_knn
from recommndr_training.judging.reference_methods import Question

N_ITEMS = 12
CUT_S = 100 * DAY_S
LEAF = (np.arange(N_ITEMS) % 3).astype(np.int32)
VARIANTS = [*POPULAR, *category_variants(LEAF), *PERSONAL, *COLLABORATIVE, *SESSIONS]
Row = tuple[str, str, float]  # user, item, day


def interactions(rows: list[Row]) -> Interactions:
    """Purchases; nobody bought every item of the shop once, a day apart."""
    known = [(f"{user}-{day:g}", user, item, day) for user, item, day in rows]
    catalogue = [(f"old-{item}", "nobody", f"i{item:02d}", -float(item)) for item in range(N_ITEMS)]
    lines = pd.DataFrame([*catalogue, *known], columns=["event_id", "user_id", "item_id", "day"])
    at_s = lines.pop("day") * DAY_S
    return Interactions.from_lines(lines.assign(kind="purchase", at_s=at_s, known_s=at_s), TenantPolicy())


def scores(method: Method, known: Interactions, user: str) -> dict[str, float]:
    users: Ints = np.array([known.user_ids.index(user)], np.int32)
    found = method(users)[0]
    return {item: float(value) for item, value in zip(known.item_ids, found, strict=True) if value > 0.0}


ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, N_ITEMS - 1).map("i{:02d}".format), st.floats(1.0, 150.0)),
    min_size=4,
    max_size=40,
)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: f"{variant.family}, {variant.settings}")
@settings(max_examples=4, deadline=None)
@given(rows=ROWS, later=ROWS)
def test_scores_are_finite_for_all_items_and_the_same_whatever_happens_from_the_cut_on(
    variant: Variant, rows: list[Row], later: list[Row]
) -> None:
    past = [
        ("a", "i00", 1.0),
        ("b", "i00", 1.0),
        ("c", "i01", 1.0),
        ("d", "i02", 1.0),
        *[row for row in rows if row[2] < 100.0],
    ]
    future = [*past, ("e", "i03", 100.0), *[(user, item, 100.0 + day) for user, item, day in later]]
    found = [
        variant.fit(known.before(CUT_S), CUT_S)(np.arange(4, dtype=np.int32)) for known in map(interactions, (past, future))
    ]
    assert found[0].shape == (4, N_ITEMS)
    assert np.isfinite(found[0]).all()
    assert (found[0] >= 0.0).all()
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-7)


@settings(deadline=None)
@given(x=st.lists(st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.0]), min_size=5, max_size=5), min_size=2, max_size=8))
def test_ease_in_its_dual_form_is_the_item_weights_of_the_paper(x: list[list[float]]) -> None:
    matrix = np.array(x)
    precision = np.linalg.inv(matrix.T @ matrix + 3.0 * np.eye(5))
    weights = np.eye(5) - precision / np.diag(precision)  # columns divided by P_jj, zero diagonal
    np.fill_diagonal(weights, 0.0)
    found = Ease(sparse.csr_matrix(matrix), 3.0).scores(sparse.csr_matrix(matrix))
    not_owned = matrix == 0.0
    np.testing.assert_allclose(found[not_owned], (matrix @ weights)[not_owned], atol=1e-8)


def test_the_last_hour_counts_only_the_last_hour() -> None:
    known = interactions([("a", "i01", 100.0 - 2 / 24), ("a", "i02", 100.0 - 0.5 / 24), ("b", "i02", 100.0 - 0.2 / 24)])
    assert scores(within(3_600.0, known, CUT_S), known, "a") == {"i02": 2.0}


def test_a_category_is_as_good_as_the_shoppers_share_in_it_times_the_items_popularity() -> None:
    known = interactions([("a", "i00", 99.0), ("b", "i03", 99.0), ("c", "i03", 99.0), ("b", "i01", 99.0)])
    found = scores(by_category(LEAF, 30 * DAY_S, known, CUT_S), known, "a")
    assert set(found) == {"i00", "i03", "i06", "i09"}  # of one leaf; all had an old purchase
    assert max(found, key=lambda item: found[item]) == "i03"


def test_newer_baskets_weigh_more_as_in_the_paper() -> None:
    known = interactions([("a", "i01", 1.0), ("a", "i02", 2.0), ("a", "i03", 3.0)])
    user = known.user_ids.index("a")
    vector = basket_vectors(known, n_groups=2, within=0.9, across=0.7).toarray()[user]
    # three baskets in two groups, the first two in the older one: mean of (.9, 1) x .7, then 1; mean of both groups
    assert vector[[1, 2, 3]] == pytest.approx([0.9 / 2 * 0.7 / 2, 1.0 / 2 * 0.7 / 2, 1.0 / 2])


def test_tifu_mixes_own_items_with_those_of_the_nearest_shopper() -> None:
    baskets = {"a": ("i01", "i03"), "b": ("i01", "i03", "i02"), "c": ("i08", "i09", "i10")}
    known = interactions([(user, item, 9.0) for user, items in baskets.items() for item in items])
    found = scores(tifu_knn(1, 0.7, known, CUT_S), known, "a")
    assert found == pytest.approx({"i01": 1.0, "i03": 1.0, "i02": 0.3})


def test_the_newest_items_are_distinct_and_the_newest_is_heaviest() -> None:
    known = interactions([("a", "i01", 1.0), ("a", "i02", 2.0), ("a", "i01", 3.0), ("a", "i05", 2.5)])
    mine = last_items(known, 2).toarray()[known.user_ids.index("a")]
    assert mine[[1, 2, 5]].tolist() == [1.0, 0.0, 0.5]


@pytest.mark.parametrize("fit", [association, lambda known, cut_s: vmis_knn(10, 100, known, cut_s)])
def test_sessions_propose_what_stood_beside_the_newest_item(fit: Callable[[Interactions, float], Method]) -> None:
    rows = [("b", "i01", 9.0), ("b", "i02", 9.0), ("c", "i03", 9.0), ("c", "i04", 9.0), ("a", "i01", 50.0)]
    known = interactions(rows)
    found = scores(fit(known, CUT_S), known, "a")
    assert "i02" in found
    assert "i04" not in found


@settings(deadline=None)
@given(
    values=st.lists(st.lists(st.floats(0.0, 5.0, width=32), min_size=6, max_size=6), min_size=1, max_size=4),
    excluded=st.sets(st.integers(0, 5)),
    k=st.integers(1, 9),
)
def test_lists_are_ordered_distinct_without_what_is_excluded(values: list[list[float]], excluded: set[int], k: int) -> None:
    given_scores: npt.NDArray[np.float32] = np.array(values, np.float32)
    out = [np.array(sorted(excluded), np.int32)] * len(values)
    for row, listed in zip(given_scores, top(given_scores, np.ones(6), out, k), strict=True):
        kept = listed[listed >= 0]
        assert len(kept) == min(k, 6 - len(excluded)) == len(set(kept.tolist()))
        assert not excluded & set(kept.tolist())
        assert (np.diff(row[kept]) <= 1e-5).all()


def test_the_gates_questions_leave_out_what_was_owned_and_shoppers_without_history() -> None:
    known = interactions(
        [("a", "i01", 50.0), ("a", "i01", 101.0), ("a", "i02", 102.0), ("new", "i02", 103.0), ("a", "i05", 120.0)]
    )
    every = Question.at(known, CUT_S, CUT_S + 10 * DAY_S, only_new=False)
    assert [known.user_ids[user] for user in every.users] == ["a"]
    assert [rows.tolist() for rows in every.relevant] == [[1, 2]]
    new = Question.at(known, CUT_S, CUT_S + 10 * DAY_S, only_new=True)
    assert [rows.tolist() for rows in new.relevant] == [[2]]
    assert [rows.tolist() for rows in new.excluded] == [[1]]


def test_a_family_gets_the_settings_that_were_best_on_tuning_and_a_planted_answer_wins() -> None:
    rows = [("a", "i01", 50.0), ("b", "i02", 50.0), ("a", "i07", 101.0), ("b", "i08", 101.0)]
    known = interactions(rows)
    asked = {"all": Question.at(known, CUT_S, CUT_S + 10 * DAY_S, only_new=False)}

    def right(_: Interactions, cut_s: float) -> Method:
        answers = known.between(cut_s, cut_s + 10 * DAY_S).user_items(np.ones(2))
        return lambda users: answers[users].toarray()

    variants = [replace(POPULAR[3], family="one"), Variant("one", "a leak", right)]
    (chosen,) = reference_methods.choose(variants, known, CUT_S, asked)["all"]
    assert (chosen.variant.settings, chosen.tuning) == ("a leak", 1.0)
    theirs = reference_methods.compare({"all": [chosen]}, known, CUT_S, asked)["all"]
    found = reference_methods.figures(np.full(2, 0.3), theirs, [chosen], 100)
    assert found["families"]["one"]["shipped_minus_it"]["high"] < 0.0
    assert "**loses**" in reference_methods.table({"all": found}, {"all": "ranker", "new": "als"})
