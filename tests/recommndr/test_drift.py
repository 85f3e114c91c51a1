"""Distances against oracles, windows with the shopper as unit, and what is said of a release's arms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ks_2samp

from recommndr.drift.between_arms import MIN_SHOPPERS
from recommndr.drift.distances import N_BINS, ks, psi
from recommndr.drift.slices import MAX_PER_SLICE, N_SLICES, SLICE_S
from recommndr.drift.window import ArmWindow, Drawn
from recommndr.drift.windows import ReleaseKey, Windows
from recommndr.served_answer import ServedAnswer
from tests.recommndr.served_answers import AN_ANSWER, floats

NOW_S = 1_700_000_000.0 // SLICE_S * SLICE_S
COLUMNS = ("price", "age", "orders")
numbers = st.sampled_from([0.0, 0.0, 1.0, 2.5, -3.0, float("nan"), 1e9]) | st.floats(-10, 10, width=32)
samples = st.integers(2, 60).flatmap(lambda n: arrays(np.float32, (n, 2), elements=numbers))


@given(samples, samples)
def test_ks_is_that_of_scipy(ours: np.ndarray, theirs: np.ndarray) -> None:
    """NaN counts as a value above all others."""
    for column, found in enumerate(ks(ours, theirs)):
        one, other = (np.where(np.isnan(sample[:, column]), 2e9, sample[:, column]) for sample in (ours, theirs))
        assert found == pytest.approx(ks_2samp(one, other, method="asymp").statistic)


@given(samples, samples)
def test_both_distances_are_the_same_from_either_side_whatever_the_order_of_rows(ours: np.ndarray, theirs: np.ndarray) -> None:
    for distance in (psi, ks):
        there, back = distance(ours, theirs), distance(theirs, ours)
        assert there == pytest.approx(back)
        assert (there >= 0.0).all()
        assert distance(ours[::-1], theirs) == pytest.approx(there)
        assert distance(ours, ours) == pytest.approx(0.0)


@given(samples, st.floats(0.5, 20))
def test_distances_do_not_depend_on_the_unit(ours: np.ndarray, unit: float) -> None:
    theirs = ours[: max(1, len(ours) // 2)] + np.float32(0.25)
    with np.errstate(over="ignore"):
        in_unit = [np.float64(unit) * sample.astype(np.float64) for sample in (ours, theirs)]
    plain = [sample.astype(np.float64) for sample in (ours, theirs)]
    assert psi(*in_unit) == pytest.approx(psi(*plain))
    assert ks(*in_unit) == pytest.approx(ks(*plain))


def one_by_one(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The index of one column as it is defined: bins end at the deciles of both together."""
    ours, theirs = (np.where(np.isnan(sample), np.inf, sample) for sample in (ours, theirs))
    both = np.sort(np.concatenate([ours, theirs]))
    ends = np.unique(both[(np.arange(1, N_BINS) * len(both)) // N_BINS])
    p, q = (np.bincount(np.searchsorted(ends, sample, side="left"), minlength=len(ends) + 1) + 0.5 for sample in (ours, theirs))
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


@given(samples, samples)
def test_psi_is_that_of_its_definition(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert psi(ours, theirs) == pytest.approx([one_by_one(*pair) for pair in zip(ours.T, theirs.T, strict=True)])


def test_psi_of_a_quiet_window_is_that_of_chance() -> None:
    """n times the index is about twice a chi-squared variable with bins - 1 degrees of freedom."""
    random, n = np.random.default_rng(1), 1_000
    found = psi(random.normal(size=(n, 400)), random.normal(size=(n, 400)))
    assert n * found.mean() == pytest.approx(2 * (N_BINS - 1), rel=0.1)


def test_psi_of_a_shift_is_large() -> None:
    random = np.random.default_rng(1)
    quiet, moved = random.normal(size=(500, 1)), random.normal(loc=1.0, size=(500, 1))
    assert psi(quiet, moved)[0] > 0.5
    assert ks(quiet, moved)[0] > 0.3


def drawn(user: int, at_s: float = NOW_S, value: float = 1.0) -> Drawn:
    return Drawn(f"u{user}", at_s, floats([value]), value, 0.5)


def test_a_shopper_counts_once_in_an_hour() -> None:
    window = ArmWindow("v1", 1)
    for n in range(50):
        window.add(drawn(user=1, at_s=NOW_S + n))
        window.add(drawn(user=2, at_s=NOW_S + SLICE_S + n))
    assert len(window.sample().scores) == 2
    window.forget(NOW_S + N_SLICES * SLICE_S)
    assert len(window.sample().scores) == 1
    window.add(drawn(user=1, at_s=NOW_S + N_SLICES * SLICE_S))
    assert len(window.sample().scores) == 2


def test_a_window_has_room_for_so_many_shoppers_and_no_more() -> None:
    window = ArmWindow("v1", 1)
    for number in range(N_SLICES + 5):
        for user in range(MAX_PER_SLICE + 100):
            window.add(drawn(user=1_000 * number + user, at_s=NOW_S + number * SLICE_S))
        window.forget(NOW_S + number * SLICE_S)
    assert len(window.sample().scores) == N_SLICES * MAX_PER_SLICE


def test_an_answer_from_before_the_window_is_not_kept() -> None:
    window = ArmWindow("v1", 1)
    window.add(drawn(1, NOW_S))
    window.add(drawn(2, NOW_S - N_SLICES * SLICE_S))
    assert len(window.sample().scores) == 1


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=80))
def test_both_arms_have_as_many_shoppers_of_every_slice(visits: list[tuple[int, bool]]) -> None:
    arms = {True: ArmWindow("v1", 1), False: ArmWindow("v2", 1)}
    for user, (number, arm) in enumerate(visits):
        arms[arm].add(drawn(user, NOW_S + number * SLICE_S, value=number))
    ours, theirs = arms[True].beside(arms[False])
    assert ours.inputs.tolist() == theirs.inputs.tolist()
    both = [min(visits.count((number, True)), visits.count((number, False))) for number in range(6)]
    assert len(ours.scores) == sum(both)


RELEASE = ReleaseKey("grocer", "grocer-v2")


def answers(arm: str, n: int, random: np.random.Generator, swapped: bool = False, **changes: object) -> list[ServedAnswer]:
    """Answers with three ranker inputs; in a swapped arm two of them have changed places."""
    values = np.stack([random.lognormal(5, 1, n), random.uniform(0, 90, n), random.poisson(1.0, n)], axis=1)
    usual: dict[str, object] = {"release": RELEASE.release, "arm": arm, "at_s": NOW_S, "columns": COLUMNS}
    usual |= {"model_version": {"stable": "v1", "challenger": "v2"}.get(arm), "item_ids": ("i1", "i2")}
    usual |= {"sources": ((), ())}
    return [
        replace(
            AN_ANSWER,
            drawn_inputs=floats(row[[1, 0, 2]] if swapped else row),
            drawn_score=float(row[1]),
            scores=floats([row[1], row[1] - gap]),
            **(usual | changes),
        )
        for row, gap in zip(values, random.uniform(0.4, 0.6, n), strict=True)
    ]


def seen(stable: list[ServedAnswer], challenger: list[ServedAnswer]) -> Windows:
    windows = Windows()
    for n, answer in enumerate([*stable, *challenger]):
        windows.add("grocer", f"u{n}", answer)
    return windows


def test_two_versions_that_are_served_alike_have_little_drift() -> None:
    random = np.random.default_rng(2)
    drift = seen(answers("stable", 300, random), answers("challenger", 300, random)).drifts()[RELEASE]
    assert drift.n_shoppers == 300
    assert set(drift.psi) == set(drift.ks) == set(COLUMNS)
    assert max(*drift.psi.values(), *drift.ks.values(), drift.psi_of_scores) < 0.25
    assert drift.gap_of_challenger == pytest.approx(drift.gap_of_stable, rel=0.1)


def test_what_is_added_later_is_not_in_a_copy() -> None:
    random = np.random.default_rng(2)
    windows = seen(answers("stable", 300, random), answers("challenger", 300, random))
    copied, before = windows.copied(), windows.drifts()
    for n, answer in enumerate(answers("challenger", 200, random, swapped=True) + answers("stable", 200, random)):
        windows.add("grocer", f"later{n}", answer)
    windows.forget(NOW_S + 10 * N_SLICES * SLICE_S)
    assert (copied.drifts(), windows.drifts()) == (before, {})


def test_a_swapped_pair_of_columns_is_found() -> None:
    random = np.random.default_rng(2)
    drift = seen(answers("stable", 300, random), answers("challenger", 300, random, swapped=True)).drifts()[RELEASE]
    assert min(drift.psi["price"], drift.psi["age"]) > 0.25
    assert min(drift.ks["price"], drift.ks["age"]) > 0.25
    assert drift.psi["orders"] < 0.25


def test_a_ranker_that_is_less_sure_is_seen() -> None:
    random = np.random.default_rng(2)
    unsure = [replace(one, scores=floats([one.scores[0], one.scores[0] - 0.1])) for one in answers("challenger", 300, random)]
    drift = seen(answers("stable", 300, random), unsure).drifts()[RELEASE]
    assert drift.gap_of_challenger < 0.5 * drift.gap_of_stable


def test_scores_of_another_size_are_as_sure() -> None:
    """A ranker that learnt pairs instead of odds is not less sure because its scores are a tenth."""
    random = np.random.default_rng(2)
    tenth = [replace(one, scores=one.scores / 10, drawn_score=(one.drawn_score or 0.0) / 10)
             for one in answers("challenger", 300, random)]  # fmt: skip
    drift = seen(answers("stable", 300, random), tenth).drifts()[RELEASE]
    assert drift.gap_of_challenger == pytest.approx(drift.gap_of_stable, rel=0.15)


def test_few_shoppers_say_nothing() -> None:
    random = np.random.default_rng(2)
    assert seen(answers("stable", 300, random), answers("challenger", MIN_SHOPPERS - 1, random)).drifts() == {}


def test_nothing_is_said_before_the_names_of_the_columns_are_known() -> None:
    random = np.random.default_rng(2)
    windows = seen(answers("stable", 300, random), answers("challenger", 300, random, columns=()))
    assert windows.drifts() == {}
    windows.add("books", "u1", answers("challenger", 1, random)[0])
    assert set(windows.drifts()) == {RELEASE}


def test_columns_are_compared_by_name_where_bundles_have_others() -> None:
    random = np.random.default_rng(2)
    other = [replace(one, columns=("age", "price", "new"), drawn_inputs=one.drawn_inputs[[1, 0, 2]])
             for one in answers("challenger", 300, random) if one.drawn_inputs is not None]  # fmt: skip
    drift = seen(answers("stable", 300, random), other).drifts()[RELEASE]
    assert set(drift.psi) == {"price", "age"}
    assert max(drift.psi.values()) < 0.25


def test_columns_of_a_retriever_that_one_version_left_out_are_no_drift() -> None:
    """It does not earn its place in every training; the columns of the others still count."""
    random, names = np.random.default_rng(2), ("price", "als_rank", "item_first_share")
    stable = answers("stable", 300, random, columns=names, retrievers=("als", "ease", "first_purchases"))
    without = [
        replace(one, drawn_inputs=one.drawn_inputs * floats([1, 0, 0]))
        for one in answers("challenger", 300, random, columns=names, retrievers=("ease",))
        if one.drawn_inputs is not None
    ]
    assert set(seen(stable, without).drifts()[RELEASE].psi) == {"price"}
    same = [replace(one, retrievers=stable[0].retrievers) for one in without]
    assert seen(stable, same).drifts()[RELEASE].psi["als_rank"] > 1.0


@pytest.mark.parametrize(
    "changes", [{"release": None}, {"arm": "previous"}, {"drawn_inputs": None}, {"model_version": None}], ids=str
)
def test_answers_outside_a_release_or_without_a_ranker_do_not_count(changes: dict[str, object]) -> None:
    random = np.random.default_rng(2)
    assert (
        seen(answers("stable", 300, random), [replace(one, **changes) for one in answers("challenger", 300, random)]).drifts()
        == {}
    )


def test_only_a_tenants_newest_releases_are_kept() -> None:
    random, windows = np.random.default_rng(2), Windows()
    for n in range(6):
        for arm in ("stable", "challenger"):
            for user, answer in enumerate(answers(arm, 60, random, release=f"r{n}")):
                windows.add("grocer", f"{arm}{user}", answer)
    assert [key.release for key in windows.drifts()] == ["r3", "r4", "r5"]
