"""Guests in replay and training: a shopper is read with the guests that the shop knew then, and never with later ones."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.counting import DEFAULT_COUNTING
from recommndr.events import ClientIdentify, Event, stamp
from recommndr.features import guests, shopper
from recommndr.features.action import IDENTIFY, Action
from recommndr.features.merged_row import merged
from recommndr.features.shopper import ShopperRow
from recommndr.seed import Seed
from recommndr.tenancy import TenantPolicy
from recommndr.topics import split_seed_key
from recommndr_engine.bundle_items import BundleItems
from recommndr_training.data import history, logins
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.logins import NO_LOGINS, with_guests
from recommndr_training.data.split import write_train
from recommndr_training.examples import rolling
from recommndr_training.examples.replay import Replay, Request
from recommndr_training.examples.shard import MAX_WAITING, Shard, Share
from recommndr_training.examples.shard_pool import LocalShard, ShardPool
from recommndr_training.examples.takings import Takings
from recommndr_training.judging.request_sets import request_sets
from recommndr_training.live.seed_publisher import Shop
from recommndr_training.live.seed_publisher import merged as merged_seeds
from recommndr_training.shipping import seed
from recommndr_training.shipping.seed import EntityState
from tests.training.orders import CUT_S, DAY_S, USERS, Order, histories, table
from tests.training.seed_records import MemoryLog
from tests.training.test_asking import DATA
from tests.training.test_history import event, write
from tests.training.test_seed import publisher

FAR_S = CUT_S + 1_000 * DAY_S
several = settings(max_examples=30, deadline=None)  # a replay of pandas and Arrow tables takes milliseconds


@dataclass(frozen=True)
class Login:
    number: int
    user_id: str
    guest_id: str
    at_s: float
    late_s: float = 0.0  # received so much later

    @property
    def known_s(self) -> float:
        return self.at_s + self.late_s

    @property
    def action(self) -> Action:
        return Action(IDENTIFY, self.at_s, str(self.number), self.user_id, (), guest_id=self.guest_id)

    @property
    def event(self) -> Event:
        at = datetime.fromtimestamp(self.at_s, UTC)
        sent = ClientIdentify(
            kind="identify", event_id=f"{self.number:032x}", user_id=self.user_id, guest_id=self.guest_id, occurred_at=at
        )
        return stamp(sent, "grocer", datetime.fromtimestamp(self.known_s, UTC))


def rows(named: list[Login]) -> pa.Table:
    """Logins as a lake has them."""
    columns = [(str(one.number), one.user_id, one.guest_id, one.at_s, one.known_s, "identify") for one in named]
    return pa.table(dict(zip([*logins.SCHEMA.names, "kind"], zip(*columns, strict=True), strict=True))) if named else NO_LOGINS


def identified(named: list[Login]) -> pa.Table:
    return logins.of_rows(rows(named)) if named else NO_LOGINS


@st.composite
def named_guests(draw: st.DrawFn) -> list[Login]:
    """Logins around the cut, some of them received days later; shoppers may be each other's guests."""
    days = st.integers(-80, 10).map(lambda day: CUT_S + day * DAY_S)
    drawn = draw(st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(USERS), days, st.integers(0, 3)), max_size=12))
    return [Login(n, user, guest, at_s, late * DAY_S) for n, (user, guest, at_s, late) in enumerate(drawn)]


@st.composite
def requests(draw: st.DrawFn) -> list[Request]:
    days = st.integers(-81, 14).map(lambda day: CUT_S + day * DAY_S)
    asked = draw(st.lists(st.tuples(st.sampled_from((*USERS, "stranger")), days), max_size=10))
    return [Request(*one) for one in sorted(asked, key=lambda one: one[1])]


def as_served(orders: list[Order], named: list[Login], asked: Request) -> ShopperRow | None:
    """What a slot would have read at that instant: the rows of the states that the stream had folded by then."""

    def state(user_id: str) -> list[Action]:
        known = [one for one in orders if one.user_id == user_id and one.at_s + one.late_s < asked.at_s]
        return list(history.iter_actions(history.of_lines(table(known)))) if known else []

    logged_in = [one.action for one in named if one.user_id == asked.user_id and one.known_s < asked.at_s]
    others = [state(guest.guest_id) for guest in guests.fold(guests.EMPTY, logged_in)]
    own, *of_guests = (
        shopper.read(shopper.columns(shopper.fold(shopper.EMPTY, acts)), DEFAULT_COUNTING)
        for acts in (state(asked.user_id), *others)
    )
    return merged(own, *of_guests) if state(asked.user_id) or any(others) else None


def assert_same(found: ShopperRow | None, wanted: ShopperRow | None) -> None:
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        for name, value in asdict(found).items():
            theirs = getattr(wanted, name)
            if isinstance(theirs, np.ndarray):
                np.testing.assert_allclose(value, theirs, rtol=1e-9, atol=1e-12, err_msg=name)
            else:
                assert value == theirs, name


def going(orders: list[Order], named: list[Login], n_shards: int = 1, n_rows: int = 10_000) -> Replay:
    events = history.of_lines(table(orders), identified=identified(named))
    shares = [LocalShard(Shard(Share(number, n_shards), DEFAULT_COUNTING, MAX_WAITING)) for number in range(n_shards)]
    return Replay((events.slice(start, n_rows) for start in range(0, len(events), n_rows)), ShardPool(shares))


@several
@given(histories(), named_guests(), requests(), st.integers(1, 3), st.integers(1, 7))
def test_a_replayed_shopper_is_what_a_slot_would_have_read_then(
    orders: list[Order], named: list[Login], asked: list[Request], n_shards: int, n_rows: int
) -> None:
    told = list(going(orders, named, n_shards, n_rows).rows_at(asked))
    assert [request for request, _ in told] == asked
    for request, row in told:
        assert_same(row, as_served(orders, named, request))


@several
@given(histories(), named_guests(), requests(), st.data())
def test_order_and_repeats_of_logins_do_not_matter(
    orders: list[Order], named: list[Login], asked: list[Request], data: st.DataObject
) -> None:
    delivered = data.draw(st.permutations(named + named[:5]))
    told, again = (list(going(orders, one).rows_at(asked)) for one in (named, delivered))
    for (_, row), (_, other) in zip(told, again, strict=True):
        assert_same(row, other)
    states = []
    for one in (named, delivered):
        replay = going(orders, one)
        replay.advance_to(FAR_S)
        states.append(list(replay.guests()))
    assert states[0] == states[1]


@settings(max_examples=10, deadline=None)
@given(histories(), named_guests(), requests())
def test_a_replay_of_the_lake_knows_the_guests_that_a_replay_of_prepared_lines_knows(
    orders: list[Order], named: list[Login], asked: list[Request]
) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder), [*map(event, orders), *(one.event for one in named)])
        of_lake = Replay(history.of_lake(Path(folder), "grocer"), ShardPool.start(DEFAULT_COUNTING))
        told = list(of_lake.rows_at(asked))
    for (_, row), (_, other) in zip(told, going(orders, named).rows_at(asked), strict=True):
        assert_same(row, other)


def test_a_moment_of_some_shoppers_has_what_their_guests_did() -> None:
    orders = [Order("o1", "guest", CUT_S - DAY_S, ("i1", "i2")), Order("o2", "other", CUT_S - DAY_S, ("i3",))]
    known = identified([Login(1, "u1", "guest", CUT_S - 60.0)])
    (moment,) = rolling.moments(table(orders), DATA, {CUT_S: ["u1"]}, known)
    assert moment.shoppers["u1"].purchased_item_ids == ["i1", "i2"]
    assert list(next(rolling.moments(table(orders), DATA, {CUT_S: ["u1"]})).shoppers) == []


def test_a_login_counts_from_when_it_was_received_and_not_at_that_instant() -> None:
    orders = [Order("o1", "guest", CUT_S - 3 * DAY_S, ("i1",))]
    late = Login(1, "u1", "guest", CUT_S - 2 * DAY_S, late_s=DAY_S)
    instants_s = (late.at_s + 1, late.known_s, late.known_s + 1)
    told = [row for _, row in going(orders, [late]).rows_at([Request("u1", at_s) for at_s in instants_s])]
    assert [None if row is None else row.n_events for row in told] == [None, None, 1]


def test_without_logins_a_row_is_to_the_bit_what_the_state_says() -> None:
    orders = [Order(f"o{n}", "u1", CUT_S - n * DAY_S / 3, (f"i{n % 4}",)) for n in range(9)]
    ((_, row),) = going(orders, []).rows_at([Request("u1", CUT_S)])
    replay = going(orders, [])
    replay.advance_to(CUT_S)
    ((_, state),) = replay.shoppers()
    for name, value in asdict(shopper.read(shopper.columns(shopper.from_bytes(state)))).items():
        np.testing.assert_array_equal(getattr(row, name), value, err_msg=name)
    assert list(replay.guests()) == []


def test_what_a_guest_took_is_not_new_to_the_shopper_once_the_login_is_known() -> None:
    known = Interactions.from_lines(
        table([Order("o1", "guest", CUT_S - 9 * DAY_S, ("i1",)), Order("o2", "u1", CUT_S, ("i2",))]), TenantPolicy()
    )
    takings = Takings.of(known, identified([Login(1, "u1", "guest", CUT_S - 5 * DAY_S)]))
    user = takings.row_of["u1"]
    owned = {at_s: [known.item_ids[row] for row in takings.before(user, at_s)] for at_s in (CUT_S - 6 * DAY_S, CUT_S, FAR_S)}
    assert owned == {CUT_S - 6 * DAY_S: [], CUT_S: ["i1"], FAR_S: ["i1", "i2"]}


def test_who_was_a_guest_is_judged_as_a_known_shopper_who_owns_what_the_guest_bought() -> None:
    train = table([Order("o1", "guest", CUT_S - DAY_S, ("a",)), Order("o2", "other", CUT_S - DAY_S, ("b",))])
    gate = table([Order("o3", "u1", CUT_S + 1, ("a", "b")), Order("o4", "other", CUT_S + 1, ("a",))])
    known = identified([Login(1, "u1", "guest", CUT_S - 9.0)])
    asked = request_sets(train, gate, BundleItems(["a", "b"]), "purchase", known)
    assert {name: one.relevant["u1"].tolist() for name, one in asked.items() if "u1" in one.relevant} == {
        "all": [0, 1],
        "new": [1],
        "repeat": [0],
    }
    assert list(request_sets(train, gate, BundleItems(["a", "b"]), "purchase")["cold"].relevant) == ["u1"]


def test_lines_of_guests_are_added_under_the_shoppers_id_and_others_stay() -> None:
    lines = table([Order("o1", "g1", CUT_S, ("a",)), Order("o2", "u1", CUT_S, ("b",)), Order("o3", "u2", CUT_S, ("c",))])
    found = with_guests(lines, identified([Login(1, "u1", "g1", CUT_S), Login(2, "u9", "g1", CUT_S)]))
    assert sorted(zip(found["user_id"], found["item_id"], strict=True)) == sorted(
        [("g1", "a"), ("u1", "b"), ("u2", "c"), ("u1", "a"), ("u9", "a")]
    )
    assert with_guests(lines, NO_LOGINS) is lines


def test_seeds_hold_the_guests_that_were_known_where_their_data_end(tmp_path: Path) -> None:
    named = [Login(1, "u1", "g1", CUT_S - 2), Login(2, "u1", "g2", CUT_S - 2, late_s=2.0)]
    replay = going([Order("o1", "g1", CUT_S - 5, ("a",))], named)
    replay.advance_to(CUT_S)
    seed.write(replay, tmp_path / "seeds.parquet")
    found = {(row.group, row.entity): row.state for row in seed.read(tmp_path / "seeds.parquet").rows}
    assert guests.from_bytes(found["guests", "u1"]) == guests.fold(guests.EMPTY, [named[0].action])


def test_published_guests_are_those_of_the_shifted_logins_and_of_the_live_ones(tmp_path: Path) -> None:
    imported, live = Login(1, "u1", "g1", CUT_S), Login(2, "u1", "g2", CUT_S + 20 * DAY_S)
    states = [EntityState("guests", "u1", guests.to_bytes(guests.fold(guests.EMPTY, [one.action]))) for one in (imported, live)]
    log = MemoryLog()
    publisher(log, tmp_path).publish(Shop("grocer", TenantPolicy(), states[:1], 14 * DAY_S))
    ((key, value),) = log.seeds
    place = split_seed_key(key)
    assert (place.tenant, place.group, place.entity) == ("grocer", "guests", "u1")
    assert guests.from_bytes(Seed.from_bytes(value).state) == (guests.Guest(CUT_S + 14 * DAY_S, "g1"),)
    (both,) = merged_seeds(states[:1], states[1:])
    assert [guest.guest_id for guest in guests.from_bytes(both.state)] == ["g2", "g1"]


def test_logins_survive_their_file(tmp_path: Path) -> None:
    for named in ([], [Login(1, "u1", "g1", CUT_S)]):
        write_train(table([Order("o1", "g1", CUT_S, ("a",))]), identified(named), pd.DataFrame({"item_id": ["a"]}), tmp_path)
        assert logins.read(tmp_path / "split/logins.parquet").equals(identified(named))
