"""Seeds of the lake that an installation writes: exactly the events below the cut, whatever is written meanwhile."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr import events
from recommndr.events import Event
from recommndr.features import item, segment, shopper
from recommndr.features.action import Action
from recommndr.features.item import ItemState
from recommndr.features.shopper import ShopperState
from recommndr.seed import GROUP_ITEM, GROUP_SEGMENT
from recommndr.tenancy import TenantPolicy
from recommndr.topics import EVENTS, PARTITIONS
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.erasures import Erasure, Erasures
from recommndr_lake_writer.lake import rows_of, table_of
from recommndr_lake_writer.read_part import ReadPart
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import Reach
from recommndr_training.live.seed_publisher import Publisher, Shop
from recommndr_training.shipping.seed import EntityState
from tests.training.seed_records import FRESH, MemoryLog

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
POLICY = TenantPolicy(purchase_half_life_days=3)
TOPIC_ID = "events-1"


def event(number: int, user: str, items: Iterable[str], kind: str = "view", minutes_ago: int = 5) -> Event:
    told = {
        "kind": kind,
        "event_id": str(UUID(int=number)),
        "user_id": user,
        "occurred_at": NOON - timedelta(minutes=minutes_ago),
        "lines": [{"item_id": item_id} for item_id in items],
        "context": {"device": f"device{number % 2}"},
    }
    return events.stamp(events.CLIENT_EVENT.validate_python(told), "grocer", NOON)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["u1", "u2"]),
                st.lists(st.sampled_from(["i1", "i2", "ü"]), min_size=1, max_size=3),
                st.sampled_from(["view", "purchase"]),
                st.integers(0, 600),
            ),
            max_size=12,
        )
    )
    return [event(number, *row) for number, row in enumerate(rows, 1)]


def committed(lake: Path, history: list[Event], start: int) -> None:
    """The events at offsets from `start` on, in one commit of a lake writer."""
    if not history:
        return
    rows = [row for offset, one in enumerate(history, start) for row in rows_of(one, POLICY, 0, offset)]
    part = ReadPart(start - 1 if start else None, start + len(history) - 1, TOPIC_ID)
    EventsTable(lake).append(table_of(rows), {(EVENTS.name, 0): part})


def reach(n_events: int) -> Reach:
    return Reach(TOPIC_ID, FRESH, (n_events, *FRESH[1:]))


def plain(history: Iterable[Event]) -> tuple[dict[str, ShopperState], dict[str, ItemState]]:
    """The plain fold: each event once, in its time's order."""
    shoppers: dict[str, ShopperState] = {}
    items: dict[str, ItemState] = {}
    for one in sorted({one.event_id: one for one in history}.values(), key=lambda one: (one.event_at, str(one.event_id))):
        action = Action.from_event(one, ())
        assert action is not None
        shoppers[one.user_id] = shopper.fold(shoppers.get(one.user_id, shopper.EMPTY), (action,), POLICY.counting)
        for item_id, state in item.lift(action).items():
            items[item_id] = item.merge(items.get(item_id, item.EMPTY), state)
    return shoppers, items


def in_segments(history: Iterable[Event]) -> list[EntityState]:
    """The plain fold of items in segments, by entity."""
    found: dict[str, segment.SegmentState] = {}
    for one in {one.event_id: one for one in history}.values():
        action = Action.from_event(one, ())
        assert action is not None
        for entity, state in segment.lift(action).items():
            found[entity] = segment.merge(found.get(entity, segment.EMPTY), state)
    return [EntityState(GROUP_SEGMENT, entity, segment.to_bytes(state)) for entity, state in sorted(found.items())]


def folded(history: Iterable[Event]) -> dict[tuple[str, str], bytes]:
    """Its states as seeds have them."""
    history = list(history)
    shoppers, items = plain(history)
    found = {(one.group, one.entity): one.state for one in in_segments(history)}
    found |= {(group, user): part for user, state in shoppers.items() for group, part in shopper.parts(state).items()}
    return found | {(GROUP_ITEM, item_id): item.to_bytes(state) for item_id, state in items.items()}


def imported(history: Iterable[Event]) -> list[EntityState]:
    """Its states as the seed file of imported history has them."""
    history = list(history)
    shoppers, items = plain(history)
    rows = [EntityState("user", user, shopper.to_bytes(state)) for user, state in sorted(shoppers.items())]
    rows += [EntityState("item", item_id, item.to_bytes(state)) for item_id, state in sorted(items.items())]
    return rows + in_segments(history)


def agree(found: dict[tuple[str, str], bytes], wanted: dict[tuple[str, str], bytes]) -> None:
    assert found.keys() == wanted.keys()
    for place, state in wanted.items():
        assert _numbers(place[0], found[place]) == _numbers(place[0], state), place


def _numbers(group: str, state: bytes) -> object:
    if group == GROUP_SEGMENT:
        at_s, sums = segment.from_bytes(state)
        return at_s, tuple(round(each, 9) for each in sums)
    if group != GROUP_ITEM:
        return shopper.columns(shopper.of_parts({group: state}))
    of_item = item.from_bytes(state)
    return of_item.first_at_s, {kind: (one.at_s, tuple(one.sums)) for kind, one in of_item.counters.items()}


@settings(max_examples=15)
@given(histories(), st.data())
def test_seeds_contain_exactly_what_the_version_of_the_cut_has(history: list[Event], data: st.DataObject) -> None:
    """The writer commits on while the publisher waits, and again before it reads; its repeats add nothing."""
    n_reached = data.draw(st.integers(0, len(history)))
    n_version = data.draw(st.integers(n_reached, len(history)))
    with TemporaryDirectory() as folder:
        lake, log = Path(folder), MemoryLog(reach(n_reached))
        n_early = data.draw(st.integers(0, n_reached))
        committed(lake, history[:n_early], 0)
        waits: list[float] = []

        def sleep(for_s: float) -> None:
            waits.append(for_s)
            if len(waits) == 2:
                committed(lake, history[n_early:n_version], n_early)

        class Going(LiveLake):
            def states(self, tenant: str, policy: TenantPolicy, version: int):
                n = n_version if len(waits) > 1 else n_early
                committed(lake, [*history[n:], *history[:n]], n)  # later than the cut
                return super().states(tenant, policy, version)

        published = Publisher(log, Going(lake, 1), lambda: NOON, sleep).publish(Shop("grocer", POLICY))
        n_contained = published.offsets[0]
        assert n_contained >= n_reached
        assert n_contained in {n_early, n_version}
        agree(log.states(), folded(history[:n_contained]))


def test_history_and_live_events_of_a_shopper_are_one_state(tmp_path: Path) -> None:
    before = [event(1, "u1", ["i1"], "purchase", 500), event(2, "u2", ["i2"], minutes_ago=400)]
    live = [event(3, "u1", ["i1"], "purchase"), event(4, "new", ["i3"])]
    committed(tmp_path, live, 0)
    log = MemoryLog(reach(2))
    Publisher(log, LiveLake(tmp_path, 1), lambda: NOON, lambda _: None).publish(Shop("grocer", POLICY, imported(before)))
    agree(log.states(), folded([*before, *live]))


def test_a_changed_half_life_counts_all_live_events_anew(tmp_path: Path) -> None:
    live = [event(n, "u1", ["i1"], "purchase", 2_000 - 600 * n) for n in range(1, 3)]
    committed(tmp_path, live, 0)
    log = MemoryLog(reach(2))
    lake = LiveLake(tmp_path, 1)
    for policy in (TenantPolicy(), POLICY):
        Publisher(log, lake, lambda: NOON, lambda _: None).publish(Shop("grocer", policy))
    agree(log.states(), folded(live))
    assert log.generations[-1][2].counting == POLICY.counting


def erased(user: str, done: bool) -> Erasure:
    return Erasure(
        event_id=str(UUID(int=99)), tenant="grocer", user_id=user, received_at=NOON, topic=EVENTS.name, topic_id=TOPIC_ID,
        partition=0, offset=9, done_at=NOON if done else None,
    )  # fmt: skip


def test_an_erasure_is_carried_out_first_and_imported_history_of_the_shopper_is_left_out(tmp_path: Path) -> None:
    Erasures(tmp_path).note(erased("u1", done=False))
    waits: list[float] = []

    def sleep(for_s: float) -> None:
        waits.append(for_s)
        if len(waits) == 3:
            Erasures(tmp_path).done(erased("u1", done=False), NOON, 0)

    log = MemoryLog(reach(0))
    shop = Shop("grocer", POLICY, imported([event(1, "u1", ["i1"]), event(2, "u2", ["i1"])]))
    Publisher(log, LiveLake(tmp_path, 1), lambda: NOON, sleep).publish(shop)
    assert len(waits) == 3
    assert {entity for group, entity in log.states() if group not in (GROUP_ITEM, GROUP_SEGMENT)} == {"u2"}


def test_an_erasure_that_comes_while_seeds_are_written_deletes_the_seeds(tmp_path: Path) -> None:
    class Erasing(LiveLake):
        def states(self, tenant: str, policy: TenantPolicy, version: int):
            Erasures(tmp_path).note(erased("u1", done=True))
            return super().states(tenant, policy, version)

    committed(tmp_path, [event(1, "u1", ["i1"]), event(2, "u2", ["i1"])], 0)
    log = MemoryLog(reach(2))
    published = Publisher(log, Erasing(tmp_path, 1), lambda: NOON, lambda _: None).publish(Shop("grocer", POLICY))
    assert {entity for group, entity in log.states() if group not in (GROUP_ITEM, GROUP_SEGMENT)} == {"u2"}
    assert sum(published.n_seeds) == 7  # two are the item in segments; those of u1 count too: a job may have read them
    assert len(published.offsets) == PARTITIONS


def test_rows_of_a_topic_that_is_gone_are_in_the_seeds_and_its_offsets_are_not(tmp_path: Path) -> None:
    committed(tmp_path, [event(1, "u1", ["i1"]), event(2, "u1", ["i1"])], 0)
    log = MemoryLog(Reach("events-2", FRESH, FRESH))
    published = Publisher(log, LiveLake(tmp_path, 1), lambda: NOON, lambda _: None).publish(Shop("grocer", POLICY))
    assert (published.topic_id, published.offsets) == ("events-2", FRESH)
    agree(log.states(), folded([event(1, "u1", ["i1"]), event(2, "u1", ["i1"])]))
