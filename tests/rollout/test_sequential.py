"""The comparison of two arms has shoppers as units, and may be looked at as often as one likes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommndr.outcomes.partial import Partial, Sums
from recommndr_rollout.sequential import ALPHA, difference, per_impression, per_shopper

N_IMPRESSIONS = 20


def partial(shown: np.ndarray, clicks: np.ndarray) -> Partial:
    """Sums over shoppers, as the stream has them."""
    shown, clicks = shown.astype(int), clicks.astype(int)

    def sums(values: np.ndarray) -> Sums:
        return Sums(int(values.sum()), int((values**2).sum()), int((values * shown).sum()))

    return Partial(len(shown), {"impressions": sums(shown), "clicks": sums(clicks)})


counts = arrays(np.int64, st.integers(2, 30), elements=st.integers(0, 9))


@given(counts)
def test_the_mean_of_shoppers_has_the_variance_of_a_mean(clicks: np.ndarray) -> None:
    mean = per_shopper(partial(np.ones_like(clicks), clicks), "clicks")
    assert mean.value == pytest.approx(clicks.mean())
    assert mean.variance == pytest.approx(clicks.var(ddof=1) / len(clicks), abs=1e-12)


@given(st.integers(2, 30).flatmap(lambda n: st.tuples(*(arrays(np.int64, n, elements=st.integers(1, 9)) for _ in range(2)))))
def test_clicks_per_impression_has_the_variance_of_its_residuals(both: tuple[np.ndarray, np.ndarray]) -> None:
    shown, clicks = both
    mean = per_impression(partial(shown, clicks), "clicks")
    ratio = clicks.sum() / shown.sum()
    assert mean.value == pytest.approx(ratio)
    plain = (clicks - ratio * shown).var(ddof=1) / len(shown) / shown.mean() ** 2
    assert mean.variance == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("arm", [Partial(), partial(np.array([3]), np.array([1]))])
def test_one_shopper_says_nothing(arm: Partial) -> None:
    seen = difference(per_impression(arm, "clicks"), per_impression(arm, "clicks"))
    assert (seen.low, seen.high) == (-np.inf, np.inf)


def looks(random: np.random.Generator, ctrs: tuple[float, float], n_looks: int, at_once: int) -> tuple[bool, bool, int]:
    """Whether an interval ever leaves zero out, whether two sigma ever do, and after how many looks the interval does."""
    shown, clicks = (np.zeros((2, 0), int) for _ in range(2))
    plain, sure, place = False, False, n_looks
    for look in range(n_looks):
        taste = random.beta(2.0, 2.0 / np.array(ctrs)[:, np.newaxis] - 2.0, size=(2, at_once))  # shoppers differ
        new = random.poisson(N_IMPRESSIONS, size=(2, at_once)) + 1
        shown, clicks = np.hstack([shown, new]), np.hstack([clicks, random.binomial(new, taste)])
        stable, challenger = (per_impression(partial(shown[arm], clicks[arm]), "clicks") for arm in range(2))
        seen = difference(stable, challenger)
        plain |= abs(seen.value) > seen.two_sigma
        if not seen.low <= 0.0 <= seen.high and not sure:
            sure, place = True, look
    return sure, plain, place


def test_equal_arms_are_seldom_told_apart_however_often_they_are_looked_at() -> None:
    random = np.random.default_rng(1)
    runs = [looks(random, (0.1, 0.1), 100, 40) for _ in range(300)]
    sure, plain = (np.mean([run[place] for run in runs]) for place in (0, 1))
    assert sure <= ALPHA + 2.6 * np.sqrt(ALPHA * (1.0 - ALPHA) / len(runs))
    assert plain > 0.2  # what two sigma would have done


def test_half_the_clicks_are_found_after_a_few_hundred_shoppers() -> None:
    random = np.random.default_rng(2)
    runs = [looks(random, (0.1, 0.05), 40, 20) for _ in range(50)]
    assert all(run[0] for run in runs)
    assert np.median([run[2] for run in runs]) * 20 < 400
