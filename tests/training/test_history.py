"""Histories from lines and lakes, in the order in which the shop knew the events."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.counting import DEFAULT_COUNTING
from recommndr.events import CLIENT_EVENT, KIND_CODE, Event, stamp
from recommndr.features import item
from recommndr.features.action import Action
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import rows_of, table_of
from recommndr_training.data import history
from recommndr_training.data.history import NoHistory
from recommndr_training.examples.shard import Shard, Share
from tests.training.orders import CUT_S, DAY_S, Order, histories, table

CONTEXT = {"device": "phone", "os": "ios", "country": "PT", "region": "Lisboa"}


def event(order: Order, late_s: float = 0.0, **changes: object) -> Event:
    """The order as the collector stamps it."""
    stated = {
        "event_id": order.event_id,
        "user_id": order.user_id,
        "occurred_at": datetime.fromtimestamp(order.at_s, UTC),
        "kind": order.kind,
        "lines": tuple({"item_id": item_id} for item_id in order.item_ids),
    }
    return stamp(CLIENT_EVENT.validate_python(stated | changes), "grocer", datetime.fromtimestamp(order.at_s + late_s, UTC))


def write(lake: Path, events: list[Event]) -> None:
    rows = [row for offset, one in enumerate(events) for row in rows_of(one, TenantPolicy(), 0, offset)]
    EventsTable(lake).append(table_of(rows), {})


def read(lake: Path) -> pa.Table:
    return pa.concat_tables([history.SCHEMA.empty_table(), *history.of_lake(lake, "grocer")])


@settings(max_examples=10, deadline=None)
@given(histories())
def test_a_lake_gives_the_events_of_its_lines(orders: list[Order]) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder), [event(order) for order in orders])
        assert read(Path(folder)).equals(history.of_lines(table(orders)))


def test_what_a_robot_does_is_in_its_history_and_not_in_that_of_items(tmp_path: Path) -> None:
    orders = [Order(f"o{n}", f"u{n}", CUT_S + n, ("i1",), "view") for n in range(4)]
    made = [event(order).model_copy(update={"doubt": "robot" if n < 2 else None}) for n, order in enumerate(orders)]
    write(tmp_path, made)
    events = read(tmp_path)
    assert list(history.iter_actions(events)) == [Action.from_event(one) for one in made]
    shard = Shard(Share(), DEFAULT_COUNTING)
    shard.add(events)
    assert [user_id for user_id, _ in shard.page(GROUP_USER, 0, 9)] == ["u0", "u1", "u2", "u3"]
    ((_, state),) = shard.page(GROUP_ITEM, 0, 9)
    assert item.from_bytes(state).counters[KIND_CODE["view"]].sums[-1] == pytest.approx(2.0, rel=1e-5)


def test_an_action_of_the_lake_is_the_action_of_the_event(tmp_path: Path) -> None:
    order = Order("o1", "u1", CUT_S + 0.25, ("i2", "i1", "i2"), "impression")
    made = event(order, context=CONTEXT)
    write(tmp_path, [made])
    assert list(history.iter_actions(read(tmp_path))) == [Action.from_event(made)]


def test_a_search_has_no_items_and_a_login_says_who_the_guest_was(tmp_path: Path) -> None:
    searched = event(Order("o1", "u1", CUT_S, ()), kind="search", query="milk")
    made = [searched, event(Order("o2", "u1", CUT_S + 1, ()), kind="identify", guest_id="g")]
    write(tmp_path, made)
    assert list(history.iter_actions(read(tmp_path))) == [Action.from_event(one) for one in made]


def test_a_late_event_is_known_when_it_was_received_and_decays_from_when_it_happened(tmp_path: Path) -> None:
    late = Order("o1", "u1", CUT_S, ("i1",))
    prompt = [Order(f"p{day}", "u1", CUT_S + day * DAY_S, ("i2",)) for day in range(4)]
    write(tmp_path, [event(late, late_s=2.5 * DAY_S), *map(event, prompt)])
    found = read(tmp_path)
    assert found["event_id"].to_pylist() == [order.event_id for order in (*prompt[:3], late, prompt[3])]
    assert (found["at_s"][3].as_py(), found["known_s"][3].as_py()) == (CUT_S, CUT_S + 2.5 * DAY_S)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=30), st.integers(1, 8))
def test_however_late_and_in_whatever_pieces_all_come_in_the_order_known(sent: list[tuple[int, int]], n_rows: int) -> None:
    ordered = sorted(sent)
    events = pa.Table.from_pylist(
        [
            {"event_id": str(n), "at_s": float(at), "known_s": float(at + late), "item_ids": []}
            for n, (at, late) in enumerate(ordered)
        ],
        history.SCHEMA,
    )
    told = list(history.in_known_order(_pieces(events, n_rows)))
    known_s = [row for part in told for row in part["known_s"].to_pylist()]
    assert known_s == sorted(float(at + late) for at, late in sent)
    assert sorted(row for part in told for row in part["event_id"].to_pylist()) == sorted(map(str, range(len(sent))))


def _pieces(events: pa.Table, n_rows: int) -> Iterator[pa.Table]:
    return (events.slice(start, n_rows) for start in range(0, len(events), n_rows))


def test_where_nothing_is_nothing_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(NoHistory, match="no lake; import or simulate a shop"):
        read(tmp_path / "nowhere")
    write(tmp_path, [event(Order("o1", "u1", CUT_S, ("i1",)))])
    with pytest.raises(NoHistory, match=r"no events of tenant 'grocer' before 2017-01-01T00:00:00\+00:00; import or simulate"):
        list(history.of_lake(tmp_path, "grocer", until=datetime(2017, 1, 1, tzinfo=UTC)))
