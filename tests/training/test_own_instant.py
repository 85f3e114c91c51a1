"""A version is asked for lists where its data end: by those who acted last, with the item counters of that instant."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline
from recommndr_training import params
from recommndr_training.data import coded_lines
from recommndr_training.examples import examples, rolling
from recommndr_training.judging.version import Version
from recommndr_training.shipping import own_instant, shipped
from recommndr_training.shipping.own_instant import OwnInstant
from recommndr_training.stage_files import TRAIN_LINES
from tests.training.test_odd_shops import TENANT, trained_copy
from tests.training.test_refit import SHOP


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where a shop was trained."""
    return trained_copy(SHOP, tmp_path_factory)


acts = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["view", "impression"]), st.integers(0, 9)), min_size=1)


@given(acts, st.integers(1, 6))
def test_nobody_left_out_acted_after_one_who_is_asked(deeds: list[tuple[str, str, int]], n: int) -> None:
    lines = pd.DataFrame(deeds, columns=["user_id", "kind", "at_s"])
    last = {user: max(at_s for one, kind, at_s in deeds if one == user and kind == "view") for user, kind, _ in deeds
            if any(one == user and kind == "view" for one, kind, _ in deeds)}  # fmt: skip
    asked = own_instant.newest_shoppers(lines, n)
    assert len(asked) == min(n, len(last)) and set(asked) <= set(last)
    left_out = [at_s for user, at_s in last.items() if user not in asked]
    assert not left_out or max(left_out) <= min(last[user] for user in asked)
    assert asked == own_instant.newest_shoppers(lines.sample(frac=1.0, random_state=0), n)


def test_lists_are_made_with_the_item_counters_of_that_instant(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)
    data, directory = params.data(TENANT), trained / "var" / TENANT
    found = OwnInstant.of(directory, data).scores({"mixed": "popular_now"})["mixed"]
    lines, version = coded_lines.read(directory / TRAIN_LINES), Version.read(directory, data)
    (moment,) = rolling.moments(lines, data, {data.gate_cut_s: own_instant.newest_shoppers(lines)})
    bare = examples.live_items(version.entries, [], moment.item_records[:0])
    uncounted = Pipeline(version.items, version.found_by, version.ranker, bare, version.config)
    without = [
        uncounted.recommend(row, ListRequest(10), data.gate_cut_s, "popular_now").scores for row in moment.shoppers.values()
    ]
    assert len(found) == len(without) > 0
    assert not any(np.array_equal(counted, bare_one) for counted, bare_one in zip(found, without, strict=True))


def test_the_refitted_version_is_asked_where_its_own_data_end(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)
    data, directory = params.data(TENANT), trained / "var" / TENANT
    ends = replace(data, gate_cut=shipped.until(TENANT))
    judged = OwnInstant.of(directory, data).scores({"mixed": "popular_now"})["mixed"]
    refitted = OwnInstant.of(directory / shipped.DIRECTORY, ends).scores({"mixed": "popular_now"})["mixed"]
    assert {len(one) for one in refitted} == {10}
    assert not any(np.array_equal(one, other) for one in judged for other in refitted)
