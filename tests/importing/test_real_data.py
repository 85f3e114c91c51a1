"""The shipped mappings on the real files, against figures counted independently."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recommndr_importing.mapping import load
from recommndr_importing.shop_import import Outcome, run
from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import read_events
from tests.importing.shop import order, silently

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"real data sets are not at {DATA}"),
]


def imported(folder: Path, name: str, files: list[str], items: str | None = None) -> tuple[Outcome, pd.DataFrame]:
    made = replace(
        order(folder),
        mapping=load(name),
        event_files=tuple(DATA / file for file in files),
        item_file=DATA / items if items else None,
    )
    outcome = run(made, silently)
    return outcome, read_events(folder / "lake", "boutique").to_pandas()


def test_online_retail_orders_without_cancellations(tmp_path: Path) -> None:
    raw = pd.read_parquet(DATA / "online_retail/online_retail.parquet")
    outcome, lines = imported(tmp_path, "online_retail", ["online_retail/online_retail.parquet"])
    assert outcome.rejects.counts == {
        "cancellation": raw["InvoiceNo"].str.startswith("C").sum(),
        "bad_debt": 3,
        "not_a_product": 2359,
        "quantity_not_positive": 1336,
        "price_not_positive": 1162,
        "no_customer": 131421,
    }
    assert (outcome.n_accepted, lines["event_id"].nunique(), lines["user_id"].nunique()) == (396340, 18402, 4334)
    assert lines.groupby("event_id")["event_at"].nunique().max() == 1
    assert lines.groupby("event_id").size().max() == 500  # three wholesalers ordered more at once
    first = raw[raw["InvoiceNo"] == "536365"]
    at = pd.Timestamp("2010-12-01 08:26", tz="Europe/London")
    order_lines = lines[(lines["user_id"] == "17850") & (lines["event_at"] == at)]
    order_lines = order_lines[order_lines["event_id"] == order_lines[order_lines["item_id"] == "85123A"]["event_id"].iloc[0]]
    assert set(order_lines["item_id"]) == set(first["StockCode"])
    assert set(order_lines["country"]) == {"GB"}
    summer = lines[lines["event_at"].dt.month == 7]["event_at"].dt.tz_convert("Europe/London").dt.hour
    assert summer.between(6, 20).all()  # the shop's hours, also in summer time
    items = read_items(tmp_path / "lake", "boutique").to_pandas().set_index("item_id")
    assert (items.loc["85123A", "title"], items.loc["85123A", "price_minor"]) == ("WHITE HANGING HEART T-LIGHT HOLDER", 295)
    assert set(items.index) == set(lines["item_id"])


def test_retailrockets_files_overlap_and_each_event_counts_once(tmp_path: Path) -> None:
    files = [f"retailrocket/{name}.parquet" for name in ("events_slice", "purchases_all", "events_5000_visitors")]
    raw = pd.concat([pd.read_parquet(DATA / file) for file in files])
    told = ["user_id", "item_id", "event_type", "timestamp", "transaction_id"]
    outcome, lines = imported(tmp_path, "retailrocket", files, "retailrocket/items.parquet")
    assert outcome.rejects.n == 0
    bought = raw[raw["event_type"] == "purchase"]
    n_other = len(raw[raw["event_type"] != "purchase"].drop_duplicates(told))
    n_bought = len(bought.drop_duplicates(["transaction_id", "item_id"]))
    assert len(lines) == n_other + n_bought
    purchases = lines[lines["kind"] == "purchase"]
    assert purchases["event_id"].nunique() == bought["transaction_id"].nunique() == 17672
    assert len(read_items(tmp_path / "lake", "boutique")) == 229256


def test_rees46_has_sessions_prices_brands_and_paths(tmp_path: Path) -> None:
    outcome, lines = imported(tmp_path, "rees46", ["rees46/events.parquet"], "rees46/items.parquet")
    assert outcome.rejects.counts == {"price_not_positive": 19}
    assert lines["kind"].value_counts().to_dict().keys() == {"view", "add_to_cart", "purchase"}
    assert lines["session_id"].notna().all() and (lines["price_minor"] > 0).all()
    items = read_items(tmp_path / "lake", "boutique").to_pandas().set_index("item_id")
    assert items.loc["1002098", ["brand", "price_minor"]].tolist() == ["samsung", 40902]
    assert list(items.loc["1002098", "category_path"]) == ["electronics", "smartphone"]


def test_taobaos_four_kinds(tmp_path: Path) -> None:
    files = ["taobao/users_slice.parquet", "taobao/time_slice.parquet"]
    told = ["user_id", "item_id", "behavior_raw", "timestamp"]
    raw = pd.concat([pd.read_parquet(DATA / file) for file in files]).drop_duplicates(told)
    outcome, lines = imported(tmp_path, "taobao", files)
    kinds: dict[str, Any] = {"pv": "view", "cart": "add_to_cart", "fav": "favorite", "buy": "purchase"}
    assert lines["kind"].value_counts().to_dict() == raw["behavior_raw"].map(kinds).value_counts().to_dict()
    assert outcome.rejects.n == 0
    assert outcome.n_items == raw["item_id"].nunique()
