"""What the demo takes from a trained profile, on the dates the demo has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from recommndr_training.data.prepared import Prepared, write
from recommndr_training.shipping.held_out import catalog_items, iter_baskets, known_users
from tests.training.orders import CUT_S, Order, table

LAUNCH = datetime(2025, 12, 1, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    items = pd.DataFrame({"item_id": ["a", "b"], "title": ["A", "B"], "category_path": [[], []], "tags": [[], []]})
    items = items.assign(available_from=[LAUNCH, None], available_until=[None, LAUNCH]).reindex(
        columns=[*items.columns, "available_from", "available_until", "brand", "price_minor", "currency", "group_id"]
    )
    lines = table([Order("1", "u", CUT_S, ("a", "b")), Order("2", "v", CUT_S, ("a",)), Order("3", "v", CUT_S + 1, ("a",))])
    lines = lines.assign(**dict.fromkeys(("device", "os", "country", "region")))
    write(Prepared(lines, items, {}), Path("var/shop/prepared"))
    Path("var/shop/split").mkdir()
    lines.to_parquet("var/shop/split/train.parquet")
    yield


def test_what_is_sold_from_or_until_an_instant_moves_with_the_shop() -> None:
    first, second = catalog_items("shop", WEEK)
    assert (first.available_from, first.available_until) == (LAUNCH + WEEK, None)
    assert (second.available_from, second.available_until) == (None, LAUNCH + WEEK)
    assert [item.available_from for item in catalog_items("shop")] == [LAUNCH, None]


def test_the_busiest_shoppers_are_known_by_events_not_by_lines() -> None:
    assert known_users("shop", 1) == ["v"]
    assert known_users("shop", 9) == ["v", "u"]


def test_an_untrained_profile_is_refused_with_the_remedy() -> None:
    with pytest.raises(FileNotFoundError, match="train the profile first"):
        known_users("huge", 1)


def test_baskets_come_oldest_first_with_their_lines_sorted() -> None:
    lines = table([Order("2", "u", CUT_S + 5, ("b", "a")), Order("1", "v", CUT_S, ("c",))])
    assert [[line.item_id for line in basket.lines] for basket in iter_baskets(lines, "USD")] == [["c"], ["a", "b"]]
