"""What segments of shoppers take, against the formula written out, and what no shopper can do to it."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import shopper
from recommndr.features.action import CONTEXT
from recommndr.features.shopper import ShopperRow
from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import LiveItems
from recommndr_engine.retrievers.segment_popularity import RATES_FILE, SegmentPopularity, SegmentTable
from recommndr_engine.shopper import Shopper
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval import segment_popularity
from recommndr_training.retrieval.segment_popularity import FIT, SegmentPopularityParams, fit
from recommndr_training.tuning.coordinate_search import search
from tests.training.orders import CUT_S, DAY_S, ITEMS, Order, table

POLICY = TenantPolicy()
EVERY = SegmentPopularityParams(half_life_days=20.0, prior_shoppers=3.0, min_shoppers=1)
Where = tuple[str | None, str | None]  # device and country
Deed = tuple[Order, Where]
PLACES = st.tuples(st.sampled_from([None, "mobile", "desktop"]), st.sampled_from([None, "DE", "AT"]))


@st.composite
def deeds(draw: st.DrawFn, users: tuple[str, ...] = ("u1", "u2", "u3", "u4"), min_size: int = 1) -> list[Deed]:
    n = draw(st.integers(min_size, 15))
    return [
        (
            Order(
                order_id=f"{users[0]}-{number}",
                user_id=draw(st.sampled_from(users)),
                at_s=CUT_S - draw(st.integers(1, 60 * 86_400)),
                item_ids=tuple(sorted(draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True)))),
                kind=draw(st.sampled_from(["purchase", "view"])),
            ),
            draw(PLACES),
        )
        for number in range(n)
    ]


def lines_of(found: list[Deed]) -> pd.DataFrame:
    where = {order.event_id: place for order, place in found}
    lines = table([order for order, _ in found])
    device, country = (lines["event_id"].map({event: place[part] for event, place in where.items()}) for part in (0, 1))
    return lines.assign(device=device, os=None, country=country, region=None)


def known_of(found: list[Deed]) -> Interactions:
    return Interactions.from_lines(lines_of(found), POLICY, ITEMS)


def rates_by_hand(found: list[Deed], part: int | None, value: str | None) -> tuple[dict[str, float], float]:
    """What the shoppers of a segment (of the shop: no part) took of each item, and what they count as together."""
    taken: dict[tuple[str, str], float] = defaultdict(float)
    all_of: dict[str, float] = defaultdict(float)
    for order, place in found:
        if part is None or place[part] == value:
            weight = 0.5 ** ((CUT_S - order.at_s) / (20.0 * DAY_S)) * (0.2 if order.kind == "view" else 1.0)
            for item_id in order.item_ids:
                taken[order.user_id, item_id] += weight
                all_of[order.user_id] += weight
    by_item: dict[str, float] = defaultdict(float)
    for (_, item_id), weight in taken.items():
        by_item[item_id] += min(1.0, weight)
    return by_item, sum(min(1.0, weight) for weight in all_of.values())


def who(device: str = "", country: str = "") -> ShopperRow:
    return replace(shopper.read({}), device=device, country=country)


def scores_of(found_by: SegmentPopularity, row: ShopperRow) -> np.ndarray:
    items, live = BundleItems(sorted(ITEMS)), LiveItems()
    seen = Shopper.from_row(row, items, CUT_S, POLICY.relative_weights())
    view = ItemView(live.table, live.rows_of(items.ids, create=True), 0)
    return found_by.open(seen, view).for_rows(np.arange(len(ITEMS), dtype=np.int32))


def fitted(found: list[Deed], options: SegmentPopularityParams = EVERY) -> SegmentPopularity | None:
    made = fit(known_of(found), CUT_S, options)
    return None if made is None else SegmentPopularity(made)


@given(deeds())
def test_a_segments_rate_is_that_of_the_formula_and_lies_between_its_own_and_the_shops(found: list[Deed]) -> None:
    found_by = fitted(found)
    values = [(part, value) for part in (0, 1) for value in sorted({place[part] for _, place in found} - {None})]
    if found_by is None:
        assert not values
        return
    assert sorted(found_by.table.names) == sorted(f"{('device', 'country')[part]}={value}" for part, value in values)
    of_shop, n_shop = rates_by_hand(found, None, None)
    shops = np.array([of_shop[item_id] / n_shop for item_id in sorted(ITEMS)])
    for part, value in values:
        taken, n = rates_by_hand(found, part, value)
        own = np.array([taken[item_id] for item_id in sorted(ITEMS)])
        scores = scores_of(found_by, who(**{("device", "country")[part]: value}))
        assert scores == pytest.approx((own + 3.0 * shops) / (n + 3.0), abs=1e-6)
        assert (scores >= np.minimum(own / n, shops) - 1e-6).all()
        assert (scores <= np.maximum(own / n, shops) + 1e-6).all()


@given(deeds(), st.randoms())
def test_the_order_of_lines_does_not_matter(found: list[Deed], random: object) -> None:
    lines = lines_of(found)
    order = list(range(len(lines)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = (fit(Interactions.from_lines(each, POLICY, ITEMS), CUT_S, EVERY) for each in (lines, lines.iloc[order]))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.names == other.names
        assert one.rates == pytest.approx(other.rates, rel=1e-6)
        assert one.differences.values == pytest.approx(other.differences.values, abs=1e-6)


@given(deeds(), deeds(users=("robot",), min_size=10))
def test_a_robot_counts_as_one_shopper_whatever_it_does(found: list[Deed], robots: list[Deed]) -> None:
    before, after = fitted(found), fitted(found + [(order, (None, "DE")) for order, _ in robots])
    _, n = rates_by_hand(found, 1, "DE")
    if before is None or "country=DE" not in before.table.names or after is None:
        return
    moved = np.abs(scores_of(after, who(country="DE")) - scores_of(before, who(country="DE")))
    assert moved.max() <= 1.0 / (n + 1.0) + 1e-6


@given(deeds(), deeds(users=("u9",)))
def test_nothing_after_the_cut_is_read(found: list[Deed], more: list[Deed]) -> None:
    later = [(replace(order, at_s=2.0 * CUT_S - order.at_s), place) for order, place in more]
    late = [(replace(order, late_s=90.0 * DAY_S, order_id=f"late-{order.order_id}"), place) for order, place in more]
    past, all_of_it = fitted(found), fitted(found + later + late)
    assert (past is None) == (all_of_it is None)
    if past is not None and all_of_it is not None:
        assert past.table.names == all_of_it.table.names
        assert past.table.rates.tolist() == all_of_it.table.rates.tolist()
        assert past.table.differences.values.tolist() == all_of_it.table.differences.values.tolist()


def one_item_each(n: int, country: str, item_id: str) -> list[Deed]:
    return [
        (Order(f"{country}{number}", f"{country}{number}", CUT_S - DAY_S, (item_id,)), (None, country)) for number in range(n)
    ]


def test_only_the_largest_segments_with_enough_shoppers_are_kept() -> None:
    found = one_item_each(5, "DE", "i1") + one_item_each(3, "AT", "i2") + one_item_each(2, "CH", "i3")
    assert fitted(found, replace(EVERY, min_shoppers=3)).table.names == ["country=DE", "country=AT"]  # type: ignore[union-attr]
    assert fitted(found, replace(EVERY, max_segments=1)).table.names == ["country=DE"]  # type: ignore[union-attr]
    assert fitted(found, replace(EVERY, min_shoppers=6)) is None


def test_of_a_segment_the_items_are_kept_that_differ_most_from_the_shop() -> None:
    found = one_item_each(5, "DE", "i1") + one_item_each(3, "AT", "i2") + one_item_each(1, "CH", "i3")
    whole, small = fitted(found), fitted(found, replace(EVERY, max_items=2))
    assert whole is not None and small is not None
    exact, close = (scores_of(each, who(country="DE")) for each in (whole, small))
    kept = [sorted(ITEMS).index(item_id) for item_id in ("i1", "i2")]
    assert close[kept].tolist() == exact[kept].tolist()
    assert np.abs(close - exact).max() <= np.abs(exact - whole.table.rates)[kept].min()
    assert (close != exact).any()


def test_a_shopper_of_segments_that_are_not_kept_gets_what_the_shop_takes() -> None:
    found_by = fitted(one_item_each(5, "DE", "i1") + one_item_each(1, "CH", "i3"), replace(EVERY, min_shoppers=2))
    assert found_by is not None
    assert scores_of(found_by, who(country="CH")).tolist() == found_by.table.rates.tolist()
    assert not scores_of(found_by, who()).any()


def test_a_shop_without_contexts_has_no_such_retriever_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FIT.write(known_of(one_item_each(3, "DE", "i1")), CUT_S, EVERY, tmp_path)
    assert (tmp_path / RATES_FILE).exists()
    nowhere = Interactions.from_lines(table([order for order, _ in one_item_each(3, "DE", "i1")]), POLICY)
    assert FIT.retrievers(nowhere, CUT_S, EVERY) == []
    FIT.write(nowhere, CUT_S, EVERY, tmp_path)
    assert [path.name for path in (tmp_path / "segment_popularity").iterdir()] == ["parameters.json"]
    assert "no segment popularity: it needs" in capsys.readouterr().err


def test_settings_of_a_shop_without_contexts_stay() -> None:
    found = search(SegmentPopularityParams(), FIT.grid, lambda options, axis: {})
    assert found.options == SegmentPopularityParams()


def test_a_written_table_is_read_as_it_was(tmp_path: Path) -> None:
    known = known_of(one_item_each(5, "DE", "i1") + one_item_each(3, "AT", "i2"))
    FIT.write(known, CUT_S, EVERY, tmp_path)
    made, read = fit(known, CUT_S, EVERY), SegmentTable.read(tmp_path)
    assert made is not None
    assert list(read.names) == list(made.names)
    for country in ("DE", "AT"):
        one, other = (scores_of(SegmentPopularity(each), who(country=country)) for each in (made, read))
        assert one.tolist() == other.tolist()


def test_every_part_of_the_context_makes_segments() -> None:
    lines = lines_of(one_item_each(3, "DE", "i1")).assign(**{part: f"a {part}" for part in CONTEXT})
    made = segment_popularity.fit(Interactions.from_lines(lines, POLICY, ITEMS), CUT_S, EVERY)
    assert made is not None
    assert sorted(made.names) == sorted(f"{part}=a {part}" for part in CONTEXT)
