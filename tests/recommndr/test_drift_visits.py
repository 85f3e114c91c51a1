"""The mix of shoppers whom the slots of a release meet: counted once each, as many of both, by chance close."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.drift.mixes import mix_drift
from recommndr.drift.slices import SLICE_S
from recommndr.drift.visits import SLOT_MIXES, Visit, mixes, visit
from recommndr.drift.windows import Windows
from recommndr.release_policy import RULES
from recommndr.served_answer import ServedAnswer
from tests.recommndr.served_answers import AN_ANSWER
from tests.recommndr.test_drift import NOW_S, RELEASE

values = st.tuples(*(st.sampled_from(["", "DE", "FR", "known"]) for _ in SLOT_MIXES))


@given(st.lists(values, max_size=40))
def test_mixes_are_the_counts_of_each_value(found: list[tuple[str, ...]]) -> None:
    visits = [Visit(f"u{n}", NOW_S, one) for n, one in enumerate(found)]
    for place, name in enumerate(SLOT_MIXES):
        assert mixes(visits)[name] == {value: n for value, n in Counter(one[place] for one in found).items() if value}


def answer(arm: str, **changes: object) -> ServedAnswer:
    usual = {"release": RELEASE.release, "arm": arm, "at_s": NOW_S, "country": "DE", "device": "phone", "n_events": 3}
    return replace(AN_ANSWER, **(usual | changes))  # type: ignore[arg-type]


def met(stable: list[ServedAnswer], challenger: list[ServedAnswer]) -> dict[str, float]:
    windows = Windows()
    for n, one in enumerate([*stable, *challenger]):
        windows.add("grocer", f"u{n}", one)
    return {str(name): drift.psi for name, drift in windows.mixes()[RELEASE].items()}


@pytest.mark.parametrize(
    ("mix", "lost"),
    [("country", {"country": None}), ("device", {"device": None}), ("unknown_shopper", {"n_events": 0}),
     ("list", {"list_name": "popular"})],
)  # fmt: skip
def test_a_slot_that_loses_what_is_known_of_shoppers_is_found(mix: str, lost: dict[str, object]) -> None:
    psi = met([answer("stable")] * 500, [answer("challenger", **lost)] * 500)
    assert {name for name, distance in psi.items() if distance > RULES["mix_drift"].limit} == {mix}


def test_a_list_that_needs_no_shopper_says_only_which_list_it_is() -> None:
    alone = answer("stable", list_name="popular", country=None, device=None, n_events=None)
    assert {name: dict(counts) for name, counts in mixes([visit("u1", alone)]).items() if counts} == {"list": {"popular": 1}}


def test_a_shopper_counts_once_and_as_many_of_both_slots_in_every_slice() -> None:
    """The slot that was asked for longer met another hour, not other shoppers."""
    windows = Windows()
    for n in range(600):
        windows.add("grocer", f"early{n % 200}", answer("stable", at_s=NOW_S - SLICE_S, country="FR"))
        windows.add("grocer", f"late{n % 200}", answer("stable"))
        windows.add("grocer", f"new{n % 200}", answer("challenger"))
    drift = windows.mixes()[RELEASE]["country"]
    assert (drift.n_now, drift.n_before) == (200, 200)
    assert drift.psi == pytest.approx(0.0)


def test_by_chance_no_mix_comes_near_the_limit() -> None:
    """Of a thousand windows with as few shoppers as are judged, and as many countries as count by themselves."""
    random, rule = np.random.default_rng(5), RULES["mix_drift"]
    for shares in (np.full(30, 1 / 30), 1 / np.arange(1, 31), np.array([0.95, 0.05])):
        sides = random.multinomial(rule.min_samples, shares / shares.sum(), size=(1_000, 2))
        found = [mix_drift(*({str(at): int(n) for at, n in enumerate(side)} for side in pair)) for pair in sides]
        assert max(one.psi for one in found if one is not None) < 0.6 * rule.limit
