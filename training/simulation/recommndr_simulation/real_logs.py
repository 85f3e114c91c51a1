"""Reads three real logs as actions, if the folder of real data sets exists, so that the same code computes their figures.

They are samples: RetailRocket is a sample of 5,000 visitors (items of a sample of visitors look rarer than they are), Taobao
the complete events of 983 users, Online Retail all order lines with a known customer and a positive price.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recommndr_simulation.actions import CART, FAVOURITE, LOOK, PURCHASE, Actions

DEFAULT_DIR = Path("../shared/data")
_WHAT = {"view": LOOK, "cart": CART, "purchase": PURCHASE, "favorite": FAVOURITE}


def real_logs(directory: Path) -> dict[str, Actions]:
    """The logs in `directory` by name; empty if there is no such folder."""
    found = {}
    for name, read in _READERS.items():
        try:
            found[name] = read(directory)
        except FileNotFoundError:
            continue
    return found


def _retailrocket(directory: Path) -> Actions:
    events = pd.read_parquet(directory / "retailrocket/events_5000_visitors.parquet")
    items = pd.read_parquet(directory / "retailrocket/items.parquet", columns=["item_id", "category_id"])
    return _actions(events, events["transaction_id"], None, items.set_index("item_id")["category_id"])


def _taobao(directory: Path) -> Actions:
    events = pd.read_parquet(directory / "taobao/users_slice.parquet")
    inside = (events["timestamp"] >= "2017-11-24T16:00Z") & (events["timestamp"] < "2017-12-03T16:00Z")
    events = events[inside].reset_index(drop=True)
    leaf = events.drop_duplicates("item_id").set_index("item_id")["category_id"]
    return _actions(events, pd.Series(np.arange(len(events))), None, leaf)


def _online_retail(directory: Path) -> Actions:
    raw = pd.read_parquet(directory / "online_retail/online_retail.parquet")
    bought = raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)
    raw = raw[bought & raw["StockCode"].str.match(r"^\d{5}")].reset_index(drop=True)
    events = pd.DataFrame(
        {"user_id": raw["CustomerID"], "item_id": raw["StockCode"], "event_type": "purchase", "timestamp": raw["InvoiceDate"]}
    )
    return _actions(events, raw["InvoiceNo"], raw["UnitPrice"], None)


_READERS = {
    "A: RetailRocket, 5,000 visitors": _retailrocket,
    "B: Taobao, 983 users": _taobao,
    "C: Online Retail": _online_retail,
}


def _actions(
    events: pd.DataFrame, order: "pd.Series[Any]", price: "pd.Series[float] | None", leaf: "pd.Series[int] | None"
) -> Actions:
    what = events["event_type"].map(_WHAT).to_numpy(np.int8)
    user = pd.factorize(events["user_id"])[0]
    item, items = pd.factorize(events["item_id"])
    at_s = events["timestamp"].to_numpy("datetime64[us]").astype(np.int64) / 1e6
    by_user = np.lexsort((at_s, user))
    orders = np.where(what == PURCHASE, pd.factorize(order)[0], -1)
    leaves = np.full(len(items), -1) if leaf is None else pd.factorize(leaf.reindex(items))[0]
    prices = np.full(len(events), np.nan) if price is None else price.to_numpy(np.float64)
    columns: tuple[Any, ...] = (user.astype(np.int32), item.astype(np.int32), what, at_s, orders.astype(np.int64), prices)
    user, item, what, at_s, orders, prices = (column[by_user] for column in columns)
    return Actions(user, item, what, at_s, orders, prices, leaves.astype(np.int32), len(events), 0)
