"""History and live events become one log: each event once, nothing of erased shoppers, no item known before its time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.erasures import Erasure, Erasures
from recommndr_lake_writer.items import SCHEMA as ITEMS
from recommndr_lake_writer.lake import SCHEMA as EVENTS
from recommndr_training.data import logins
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.known_items import known_since
from recommndr_training.params import DataParams
from recommndr_training.retraining import history_part, joined, lake_part
from recommndr_training.retraining.history_part import HistoryPart
from recommndr_training.retraining.lake_part import LakePart

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
BEGAN_S = BEGAN.timestamp()
DAY_S = 86_400.0
DATA = DataParams(
    tenant="bakery",
    policy=TenantPolicy(),
    currency="EUR",
    since=BEGAN - timedelta(days=365),
    until=BEGAN + timedelta(days=365),
    gate_cut=BEGAN + timedelta(days=5),
    unknown_items="keep",
)


def live_row(event_id: str, item_id: str | None = "bread", days: float = 1.0, **more: Any) -> dict[str, Any]:
    at = BEGAN + timedelta(days=days)
    row = {"tenant": "bakery", "event_id": event_id, "kind": "view", "user_id": "anna", "item_id": item_id, "quantity": 1}
    row |= {"line_no": 0, "partition": 0, "offset": 1}
    return row | {"received_on": at.date()} | dict.fromkeys(("occurred_at", "received_at", "event_at"), at) | more


def lake(folder: Path, *rows: dict[str, Any]) -> Path:
    table = EventsTable(folder)
    table.append(pa.Table.from_pylist(list(rows), EVENTS), {})
    return folder


def old_line(event_id: str, item_id: str = "bread", days: float = -1.0, **more: Any) -> dict[str, Any]:
    at_s = BEGAN_S + days * DAY_S
    row = {"event_id": event_id, "item_id": item_id, "user_id": "bert", "kind": "purchase", "at_s": at_s, "known_s": at_s}
    return row | {"n_lines": 2, "quantity": 2, "price_minor": 300} | more


def history(*lines: dict[str, Any], identified: list[dict[str, Any]] | None = None) -> HistoryPart:
    names = sorted({line["item_id"] for line in lines})
    items = history_part.none().items.reindex(range(len(names))).assign(item_id=names, title=names, known_s=-np.inf)
    return HistoryPart(
        pa.Table.from_pylist(list(lines), LINES_SCHEMA), pa.Table.from_pylist(identified or [], logins.SCHEMA), items
    )


def read(folder: Path, *rows: dict[str, Any], version: int | None = None) -> LakePart:
    lake_dir = lake(folder, *rows)
    newest = lake_part.newest_version(lake_dir)
    assert newest is not None
    return lake_part.read(lake_dir, "bakery", newest if version is None else version, lake_part.erased(lake_dir, "bakery"))


def join(old: HistoryPart, live: LakePart, known: pa.Table | None = None) -> Any:
    new = joined.once(old, live)
    items = joined.catalogue(old, new, ITEMS.empty_table() if known is None else known)
    return joined.join(old, new, items, DATA)


def test_lines_of_both_are_in_one_log_in_order_of_time(tmp_path: Path) -> None:
    found = join(history(old_line("a"), old_line("b", days=-2)), read(tmp_path, live_row("d", days=2), live_row("c")))
    assert found.lines["event_id"].tolist() == ["b", "a", "c", "d"]
    assert found.lines["n_lines"].tolist() == [2, 2, 1, 1]
    assert (found.counts["of_history"], found.counts["kept"]) == (2, 4)


def test_an_event_that_both_have_counts_once_as_history_has_it(tmp_path: Path) -> None:
    old, live = history(old_line("a", days=-1)), read(tmp_path, live_row("a", days=0.5), live_row("b"))
    found = join(old.until(live.live_since_s, {}), live)
    assert found.lines["event_id"].tolist() == ["a", "b"]
    assert found.lines["quantity"].tolist() == [2, 1]


def test_history_ends_where_the_first_live_event_was_received(tmp_path: Path) -> None:
    live = read(tmp_path, live_row("c", days=0.0), live_row("i", days=-30, offset=None))
    assert live.live_since_s == BEGAN_S
    exported_later = history(old_line("a"), old_line("late", days=0.5))
    found = join(exported_later.until(live.live_since_s, {}), live)
    assert found.lines["event_id"].tolist() == ["i", "a", "c"]


@given(weeks=st.integers(0, 500))
def test_history_moves_as_a_whole(weeks: int) -> None:
    shift_s = weeks * 7 * DAY_S
    old = history(old_line("a"), old_line("b", days=-9), identified=[login("l", "bert", "guest")])
    moved = old.moved(shift_s)
    for before, after in ((old.lines, moved.lines), (old.logins, moved.logins)):
        for name in ("at_s", "known_s"):
            assert (after[name].to_numpy() - before[name].to_numpy() == shift_s).all()


def login(event_id: str, user_id: str, guest_id: str, days: float = -1.0) -> dict[str, Any]:
    at_s = BEGAN_S + days * DAY_S
    return {"event_id": event_id, "user_id": user_id, "guest_id": guest_id, "at_s": at_s, "known_s": at_s}


def test_logins_of_both_are_kept(tmp_path: Path) -> None:
    old = history(old_line("a"), identified=[login("l1", "bert", "g1"), login("l2", "bert", "g2")])
    rows = [live_row(f"l{n}", None, kind="identify", guest_id=f"g{n}") for n in (2, 3)]
    live = read(tmp_path, *rows)
    assert join(old, live).logins["guest_id"].to_pylist() == ["g1", "g2", "g3"]


def test_nothing_is_left_of_an_erased_shopper_also_in_an_old_version(tmp_path: Path) -> None:
    lake_dir = lake(tmp_path, live_row("1"), live_row("2", user_id="carl"), live_row("3", days=3))
    at = BEGAN + timedelta(days=2)
    Erasures(tmp_path).note(
        Erasure(event_id="e", tenant="bakery", user_id="anna", received_at=at, topic="t", topic_id="i", partition=0, offset=9)
    )
    gone = lake_part.erased(lake_dir, "bakery")
    version = lake_part.newest_version(lake_dir)
    assert version is not None
    live = lake_part.read(lake_dir, "bakery", version, gone)
    assert live.events["event_id"].to_pylist() == ["2", "3"]  # who comes back is a shopper without a past
    old = history(old_line("a", user_id="anna"), old_line("b"), identified=[login("l", "bert", "anna")])
    rest = old.until(live.live_since_s, gone)
    assert (rest.lines["event_id"].to_pylist(), rest.logins.num_rows) == (["b"], 0)


def test_what_came_after_the_pinned_version_is_not_read(tmp_path: Path) -> None:
    first = read(tmp_path, live_row("1"))
    again = read(tmp_path, live_row("2", days=1.5), version=first.version)
    assert again.events["event_id"].to_pylist() == first.events["event_id"].to_pylist() == ["1"]


def test_orders_that_only_browsers_told_of_are_left_out(tmp_path: Path) -> None:
    live = read(tmp_path, live_row("1", kind="purchase", sender="browser"), live_row("2", sender="browser"))
    assert join(history(old_line("a")), live).lines["event_id"].tolist() == ["a", "2"]


def test_an_item_that_history_lacks_is_known_since_its_first_event(tmp_path: Path) -> None:
    live = read(tmp_path, live_row("1", "cake", days=6))
    known = pa.Table.from_pylist([{"item_id": name, "title": name} for name in ("bread", "cake", "pie")], ITEMS)
    found = join(history(old_line("a", days=-3)), live, known)
    since = dict(zip(found.items["item_id"], known_since(found.items, found.lines), strict=True))
    assert since["cake"] == live.live_since_s == BEGAN_S + 6 * DAY_S
    assert since["pie"] == live.live_since_s  # added to the catalogue after history, and nobody has touched it
    assert since["bread"] <= BEGAN_S - 3 * DAY_S


def test_a_price_of_the_gate_period_is_no_price_of_an_item(tmp_path: Path) -> None:
    live = read(tmp_path, live_row("1", price_minor=500, days=6), live_row("2", "cake", price_minor=900, days=6))
    prices = join(history(old_line("a")), live).items.set_index("item_id")["price_minor"]
    assert prices["bread"] == 300 and pd.isna(prices["cake"])


def test_a_shop_without_history_has_what_its_lake_has(tmp_path: Path) -> None:
    found = join(history_part.none(), read(tmp_path, live_row("1"), live_row("2", "cake")))
    assert found.lines["event_id"].tolist() == ["1", "2"]
    assert found.items["item_id"].tolist() == ["bread", "cake"]


@pytest.mark.parametrize("n_live", [0, 2])
def test_lines_that_settings_are_worked_out_from_are_those_of_both(tmp_path: Path, n_live: int) -> None:
    live = read(tmp_path, *(live_row(str(n)) for n in range(n_live)), live_row("s", None, kind="search"))
    found = joined.looked_at(history(old_line("a")), live)
    assert found.num_rows == 1 + n_live
    assert found["at"].to_pylist()[0] == BEGAN - timedelta(days=1)
