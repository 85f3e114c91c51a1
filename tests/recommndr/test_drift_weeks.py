"""Hours beside those of earlier weeks, and mixes of shoppers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.drift.between_arms import Names
from recommndr.drift.mixes import MIN_SHOPPERS as MIN_OF_A_MIX
from recommndr.drift.mixes import mix_drift, share
from recommndr.drift.weeks import MIN_OF_A_WEEK, MIN_SHOPPERS, Seen, WeekDrift, drift_of, weeks

NAMES = Names(("price", "age", "als_rank"), ("als",))


def seen(n: int = MIN_SHOPPERS, version: str = "v1", names: Names = NAMES, seed: int = 1, times: float = 1.0) -> Seen:
    random = np.random.default_rng(seed)
    inputs = random.lognormal(size=(n, len(names.columns))).astype(np.float32)
    inputs[:, 0] *= times
    return Seen(version, names, inputs)


def drift(now: Seen, *earlier: Seen) -> WeekDrift:
    compared = weeks([now], [[one] for one in earlier])
    assert compared is not None
    return drift_of(compared)


def test_quiet_weeks_are_near_and_a_price_in_another_unit_is_far() -> None:
    quiet = drift(seen(), *(seen(seed=seed) for seed in (2, 3, 4)))
    assert (quiet.n_shoppers, quiet.n_weeks) == (MIN_SHOPPERS, 3)
    assert max(*quiet.psi.values(), *quiet.ks.values()) < 0.15
    moved = drift(seen(times=100.0), *(seen(seed=seed) for seed in (2, 3, 4)))
    assert min(moved.psi["price"], moved.ks["price"]) > 0.5
    assert moved.psi["age"] < 0.15
    assert moved.furthest[0] == "price"


@pytest.mark.parametrize(
    ("n_now", "of_weeks"),
    [
        (MIN_SHOPPERS - 1, (500, 500, 500)),
        (MIN_SHOPPERS, (2_000,)),
        (MIN_SHOPPERS, (200, 200)),
        (MIN_SHOPPERS, (600, MIN_OF_A_WEEK - 1)),
        (MIN_SHOPPERS, ()),
        (0, (500, 500)),
    ],
)
def test_too_few_shoppers_or_weeks_say_nothing(n_now: int, of_weeks: tuple[int, ...]) -> None:
    assert weeks([seen(n_now)] if n_now else [], [[seen(n)] for n in of_weeks]) is None


def test_weeks_of_few_shoppers_do_not_count_and_the_others_do() -> None:
    compared = weeks([seen()], [[seen(400)], [seen(MIN_OF_A_WEEK - 1)], [], [seen(400)]])
    assert compared is not None
    assert (compared.n_weeks, len(compared.before)) == (2, 800)


def test_what_retrievers_score_is_compared_while_all_answers_are_of_one_bundle() -> None:
    assert set(drift(seen(), seen(), seen()).psi) == {"price", "age", "als_rank"}
    assert set(drift(seen(version="v2"), seen(), seen()).psi) == {"price", "age"}


def test_columns_are_compared_by_name_where_versions_have_others() -> None:
    other = seen(version="v2", names=Names(("age", "new", "price"), ()))
    other.inputs[:, [0, 2]] = seen(seed=9).inputs[:, [1, 0]] * np.float32([1.0, 50.0])
    found = drift(seen(times=50.0), other, other)
    assert set(found.psi) == {"price", "age"}
    assert max(found.psi.values()) < 0.1


def test_an_hour_in_which_a_release_moved_is_of_both_versions() -> None:
    compared = weeks([seen(300), seen(300, "v2")], [[seen(400)], [seen(400)]])
    assert compared is not None
    assert len(compared.now) == 600


values = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 5_000), min_size=1)


@given(values, st.integers(1, 9))
def test_a_mix_of_the_same_shares_has_no_distance(counts: dict[str, int], times: int) -> None:
    found = mix_drift(counts, {value: n * times for value, n in counts.items()})
    assert (found is None) == (sum(counts.values()) < MIN_OF_A_MIX)
    assert found is None or found.psi == pytest.approx(0.0, abs=1e-9)


@given(values, values)
def test_a_mixs_distance_is_the_same_from_either_side(now: dict[str, int], before: dict[str, int]) -> None:
    there, back = mix_drift(now, before), mix_drift(before, now)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there.psi == pytest.approx(back.psi)
        assert there.psi >= 0.0


def test_rare_values_count_as_one_and_common_ones_by_themselves() -> None:
    common = {"DE": 900, "FR": 600}
    rare = {f"X{n}": 1 for n in range(12)}
    quiet = mix_drift(common | rare, common)
    assert quiet is not None and quiet.psi < 0.05
    moved = mix_drift({"DE": 300, "FR": 1_200}, common)
    assert moved is not None and moved.psi > 0.5


def test_a_share_of_nobody_is_not_known() -> None:
    assert (share({}, "unknown"), share({"known": 3}, "unknown"), share({"known": 3, "unknown": 1}, "unknown")) == (
        None,
        0.0,
        0.25,
    )
