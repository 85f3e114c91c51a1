"""What the report says of bundles that are served for days: their arrays stay, the live state goes on."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training.judging import bundle_age, shopper_sample
from recommndr_training.judging.bundle_age import AGES_DAYS, ages
from tests.training.test_odd_shops import DAY_S, ENOUGH, Deed, train

LATER: list[Deed] = [(user, item, kind, days + 14.0) for user, item, kind, days in ENOUGH.deeds if days > 0.0]


@given(st.floats(0.0, 80.0), st.floats(0.1, 40.0))
def test_every_age_has_the_same_time_after_it_within_the_data(left_days: float, horizon_days: float) -> None:
    found = ages(0.0, left_days * DAY_S, horizon_days * DAY_S)
    assert found.horizon_s <= horizon_days * DAY_S
    assert all(days * DAY_S + found.horizon_s <= left_days * DAY_S + 1e-6 for days in found.days)
    assert found.days == AGES_DAYS[: len(found.days)]
    assert not found.days or found.horizon_s >= horizon_days * DAY_S / 2 - 1e-6


def test_a_sample_of_shoppers_is_the_same_each_time_and_holds_all_of_a_few() -> None:
    many = {f"u{n}": np.array([n], np.int32) for n in range(3_000)}
    some = shopper_sample.of_relevant(many, 1_000)
    assert len(some) == 1_000
    assert some == shopper_sample.of_relevant(dict(reversed(many.items())), 1_000)
    assert list(shopper_sample.of_relevant({"u2": many["u2"], "u1": many["u1"]}, 1_000)) == ["u1", "u2"]


def test_a_fresh_bundle_is_judged_as_by_the_gate_and_an_older_one_by_later_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = (
        train(replace(ENOUGH, deeds=[*ENOUGH.deeds, *LATER], days_after=40.0), tmp_path, monkeypatch).parent / "evaluate"
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in (directory / "by_age.md").read_text().splitlines()[4:]]
    table = pd.DataFrame(rows, columns=["items", "method", "age", "shoppers", "ndcg"])
    assert set(table["age"]) == {"0 d", "3 d", "7 d", "14 d"}
    figures = json.loads((directory / "metrics.json").read_text())
    fresh = table[table["age"] == "0 d"]
    assert len(fresh) >= 4
    for row in fresh.itertuples():
        judged = figures[row.items]["methods"][row.method]
        assert row.ndcg.split()[0] == f"{judged['ndcg@10']:.4f}"
        assert int(row.shoppers) == figures[row.items]["shoppers"]
    ranked = table[(table["items"] == "all") & (table["method"] == json.loads((directory / "gate.json").read_text())["method"])]
    assert ranked["ndcg"].nunique() == len(ranked)
    assert (directory / "by_age.png").stat().st_size > 1_000


def test_a_shop_whose_data_end_at_the_cut_has_no_ages(tmp_path: Path) -> None:
    reach = ages(0.0, 0.0, DAY_S)
    assert reach.days == ()
    empty = bundle_age.figures({}, 0.0, reach.horizon_s, 10)
    assert "Judged by" in bundle_age.table(empty)
    bundle_age.plot(empty, tmp_path / "empty.png")
