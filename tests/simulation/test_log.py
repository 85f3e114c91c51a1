"""The simulated log as rows of the lake: valid, repeatable, and of about the requested size."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recommndr.events import DEFAULT_WEIGHTS, EVENT, MAX_LIVE_LATENESS, SCHEMA_VERSION
from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import read_events
from recommndr_simulation import generation
from recommndr_simulation.log import AlreadyThere, LogSizes
from recommndr_simulation.shop import simulate
from recommndr_simulation.world import World
from tests.simulation.shops import SMALLEST, TENANT, TINY, destination, no_bar, seeded


@dataclass(frozen=True)
class Written:
    directory: Path
    sizes: LogSizes
    events: pd.DataFrame
    items: pd.DataFrame


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    directory = tmp_path_factory.mktemp("tiny")
    to = destination(directory)
    sizes = simulate(TINY, to, 1, no_bar)
    events, items = read_events(to.lake_dir, TENANT).to_pandas(), read_items(to.lake_dir, TENANT).to_pandas()
    yield Written(directory, sizes, events, items)


def test_the_log_is_about_as_large_as_asked_and_counted_as_readers_count(tiny: Written) -> None:
    assert tiny.sizes.events == pytest.approx(TINY.events, rel=0.1)
    assert tiny.sizes.events == tiny.events["event_id"].nunique()
    assert tiny.sizes.lines == len(tiny.events)
    shown = tiny.events[tiny.events["kind"] == "impression"]["event_id"].nunique()
    assert 0 < shown / tiny.sizes.events < 0.15


def test_every_event_is_one_the_platform_would_take(tiny: Written) -> None:
    some = tiny.events.groupby("kind")["event_id"].unique().map(lambda ids: ids[:40]).explode()
    for _, lines in tiny.events[tiny.events["event_id"].isin(set(some))].groupby("event_id"):
        event = EVENT.validate_python(_as_event(lines))
        assert event.event_at == min(event.occurred_at, event.received_at)
        assert lines["line_no"].tolist() == list(range(len(lines)))


def _as_event(lines: pd.DataFrame) -> dict[str, Any]:
    first = {name: value for name, value in lines.iloc[0].items() if not pd.isna(value)}
    of_event = ("event_id", "kind", "user_id", "session_id", "query", "guest_id", "tenant")
    event: dict[str, Any] = {name: first[name] for name in of_event if name in first}
    event |= {name: first[name].to_pydatetime() for name in ("occurred_at", "received_at", "event_at")}
    event["context"] = {name: first.get(name) for name in ("device", "os", "country", "region") if name in lines.columns}
    of_line = ("item_id", "quantity", "price_minor", "currency", "position")
    rows = lines[list(of_line)].astype(object).to_dict("records")
    kept = [{name: value for name, value in row.items() if not pd.isna(value)} for row in rows]
    event["lines"] = [{k: int(v) if isinstance(v, float) else v for k, v in row.items()} for row in kept if "item_id" in row]
    return event | {"schema_version": SCHEMA_VERSION}


def test_lines_of_an_event_agree_on_what_is_the_events(tiny: Written) -> None:
    of_event = tiny.events.groupby("event_id")[["kind", "user_id", "session_id", "occurred_at", "received_at", "device"]]
    assert (of_event.nunique() == 1).all().all()


def test_every_kind_the_shop_has_is_there_with_its_weight(tiny: Written) -> None:
    weights = tiny.events.groupby("kind")["weight"].unique().map(list).to_dict()
    expected = {"view", "click", "add_to_cart", "remove_from_cart", "purchase", "favorite", "dislike", "impression", "search"}
    assert set(weights) == expected | {"identify"}
    assert all(weights[kind] == [DEFAULT_WEIGHTS[kind]] for kind in expected)


def test_items_are_seen_only_while_they_are_on_sale(tiny: Written) -> None:
    lines = tiny.events.dropna(subset=["item_id"]).merge(tiny.items, on="item_id", validate="many_to_one")
    assert len(lines) == tiny.events["item_id"].notna().sum()
    day = timedelta(days=1)  # a visit that begins before midnight may end after it
    assert (lines["event_at"] >= lines["available_from"] - day).all()
    until = lines["available_until"].notna()
    assert (lines["event_at"] <= lines["available_until"] + day)[until].all()


def test_a_click_is_on_an_item_that_was_shown_at_that_place_in_that_session(tiny: Written) -> None:
    place = ["session_id", "item_id", "position"]
    clicks = tiny.events[tiny.events["kind"] == "click"]
    shown = tiny.events[tiny.events["kind"] == "impression"][place].drop_duplicates()
    assert len(clicks) > 100
    assert len(clicks.merge(shown, on=place)) == len(clicks)


def test_orders_follow_carts_and_cost_what_the_item_costs_that_day(tiny: Written) -> None:
    bought = tiny.events[tiny.events["kind"] == "purchase"].merge(tiny.items, on="item_id", suffixes=("", "_listed"))
    assert (bought["price_minor"] <= bought["price_minor_listed"]).all()
    assert (bought["price_minor"] >= 0.69 * bought["price_minor_listed"]).all()
    carts = tiny.events[tiny.events["kind"] == "add_to_cart"]
    # A guest who logged in used another id for the cart; session and item identify it as well.
    known = set(zip(carts["user_id"], carts["item_id"], strict=True)) | set(
        zip(carts["session_id"], carts["item_id"], strict=True)
    )
    by_user = zip(bought["user_id"], bought["session_id"], bought["item_id"], strict=True)
    missing = [user for user, session, item in by_user if not {(user, item), (session, item)} & known]
    assert len(missing) <= 0.02 * len(bought)


def test_a_guest_is_no_shopper_until_identified_and_never_after(tiny: Written) -> None:
    logins = tiny.events[tiny.events["kind"] == "identify"].set_index("session_id")
    assert len(logins) > 20
    as_guest = tiny.events[tiny.events["user_id"].isin(set(logins["guest_id"]))]
    login_at = as_guest["session_id"].map(logins["event_at"])
    assert len(as_guest) > 20
    assert (as_guest["event_at"] <= login_at).all()
    assert (as_guest["user_id"].to_numpy() == as_guest["session_id"].map(logins["guest_id"]).to_numpy()).all()


def test_few_events_are_late_and_hardly_any_too_late_to_be_live(tiny: Written) -> None:
    lateness = tiny.events["received_at"] - tiny.events["occurred_at"]
    assert (lateness >= timedelta()).all()
    assert 0.001 < (lateness > timedelta()).mean() < 0.02
    assert (lateness > MAX_LIVE_LATENESS).mean() < 0.001


def test_new_shoppers_and_new_items_come_all_along(tiny: Written) -> None:
    first_seen = tiny.events.groupby("user_id")["event_at"].min()
    last_third = pd.Timestamp(TINY.until) - timedelta(days=TINY.days / 3)
    assert 0.15 < (first_seen > last_third).mean() < 0.6
    assert 0.03 < (tiny.items["available_from"] > last_third).mean() < 0.3


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.plant(SMALLEST)
    world.save(tmp_path / "truth")
    parts = []
    for processes in (1, 2):
        paths = generation.spill(tmp_path / "truth", tmp_path / str(processes), processes, lambda _n: None)
        parts.append([path.read_bytes() for path in paths])
    assert parts[0] == parts[1]


def test_another_seed_gives_another_log_of_the_same_kind() -> None:
    logs = [generation.lines_of_chunk(World.plant(seeded(SMALLEST, seed)), 0, 3.0) for seed in (1, 2)]
    assert logs[0].tobytes() != logs[1].tobytes()
    assert len(logs[0]) == pytest.approx(len(logs[1]), rel=0.5)


def test_chunks_share_no_numbers_of_events_or_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "CHUNK_SHOPPERS", 100)
    world = World.plant(SMALLEST)
    chunks = [generation.lines_of_chunk(world, chunk, 2.0) for chunk in range(generation.n_chunks(world))]
    assert len(chunks) == 3
    for name in ("event", "visit", "user"):
        seen = [np.unique(chunk[name]) for chunk in chunks]
        assert len(np.unique(np.concatenate(seen))) == sum(map(len, seen))


def test_a_lake_with_the_tenants_events_is_refused_without_replace(tmp_path: Path) -> None:
    to = destination(tmp_path)
    first = simulate(SMALLEST, to, 1, no_bar)
    with pytest.raises(AlreadyThere, match="--replace"):
        simulate(seeded(SMALLEST, 7), to, 1, no_bar)
    second = simulate(seeded(SMALLEST, 7), to, 1, no_bar, replace=True)
    assert first != second
    assert read_events(to.lake_dir, TENANT).num_rows == second.lines
