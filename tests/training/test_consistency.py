"""Logged ranker inputs equal training's replay of the lake to the same instants, and a column that does not is found."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.counting import DEFAULT_COUNTING
from recommndr.events import Event
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.served_answer import Floats
from recommndr.tenancy import TenantPolicy
from recommndr_engine.columns import NAMES
from recommndr_engine.pipeline import Pipeline
from recommndr_training.data import history
from recommndr_training.live import live_catalogue
from recommndr_training.live.consistency import Compared, Consistency, report
from recommndr_training.live.consistency_run import Asked, chosen, compared
from recommndr_training.live.replayed_inputs import ReplayedInputs
from recommndr_training.live.served_topic import ServedAnswers
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, catalog_item, item_id
from tests.recommndr.served_answers import floats
from tests.serving.shops import GROCER, Shop, open_shop
from tests.training.orders import Order
from tests.training.served_records import record
from tests.training.test_history import event, write

DAY_S, HOUR_S = 86_400.0, 3_600.0
USERS = ("anna", "ben", "cleo", "dora")
KINDS = ("view", "view", "add_to_cart", "purchase", "impression")
N_EVENTS, N_ANSWERS = 160, 40
BEGAN_S = NOW.timestamp() - 10 * DAY_S


def events() -> list[Event]:
    """What shoppers did within ten days; some events came late."""
    random = np.random.default_rng(5)
    made = []
    for n, at_s in enumerate(np.sort(random.uniform(BEGAN_S, NOW.timestamp(), N_EVENTS))):
        kind = KINDS[random.integers(len(KINDS))]
        bought = tuple(dict.fromkeys(item_id(one) for one in random.integers(0, N_ITEMS, random.integers(1, 4))))
        order = Order(f"e{n}", USERS[random.integers(len(USERS))], round(float(at_s), 3), bought, kind)
        made.append(event(order, late_s=float(random.choice([0.2, 0.2, 2.0, 7_200.0]))))
    return made


EVENTS = events()


class Clock:
    def __init__(self) -> None:
        self.at_s = BEGAN_S

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, UTC)


def known(at_s: float, slow_s: float = 0.0) -> list[Action]:
    """What the stream has folded at an instant, in the order of receipt."""
    there = [one for one in EVENTS if one.received_at.timestamp() + slow_s < at_s]
    return [Action.from_event(one) for one in sorted(there, key=lambda one: one.received_at)]


def fold_into(shop: Shop, actions: Sequence[Action]) -> None:
    """Bring the slot's rows and live items up to date, as feature writer and tails do."""
    for user_id in USERS:
        state = shopper.fold(shopper.EMPTY, [one for one in actions if one.user_id == user_id], DEFAULT_COUNTING)
        shop.rows.rows[GROCER, user_id] = shopper.columns(state)
    items: dict[str, item.ItemState] = {}
    for action in actions:
        for entity, lifted in item.lift(action).items():
            items[entity] = item.merge(items.get(entity, item.EMPTY), lifted)
    shop.grocer.items.apply_features(list(items), [item.to_bytes(state) for state in items.values()])


async def answered(shop: Shop, clock: Clock, slow_s: float = 0.0) -> ServedAnswers:
    """Lists at instants of the last five days, for shoppers in turn; every third request is narrowed."""
    for n, at_s in enumerate(np.linspace(NOW.timestamp() - 5 * DAY_S, NOW.timestamp(), N_ANSWERS)):
        clock.at_s = float(at_s)
        fold_into(shop, known(clock.at_s, slow_s))
        narrowed = {"exclude": [item_id(3)], "filters": {"category": ["food"]}, "context": {"country": "DE"}}
        await shop.list_for(USERS[n % len(USERS)], **(narrowed if n % 3 == 0 else {}))
    records = [record(answer, user_id, tenant) for tenant, user_id, answer in shop.served.records]
    return ServedAnswers.of(records, GROCER, datetime.fromtimestamp(BEGAN_S, UTC))


@pytest.fixture
async def slot(bundle: WrittenBundle) -> AsyncIterator[tuple[Shop, Clock]]:
    clock = Clock()
    async with open_shop(bundle, now=clock.now) as shop:
        yield shop, clock


def asked(n_answers: int = 500) -> Asked:
    return Asked(
        GROCER,
        datetime.fromtimestamp(BEGAN_S, UTC),
        datetime.fromtimestamp(NOW.timestamp() + 90, UTC),
        n_answers,
        10.0,
        Path(),
        Path(),
    )


def reported(found: ServedAnswers, bundle: WrittenBundle, lake: Path) -> Consistency:
    write(lake, EVENTS)
    live = live_catalogue.live_items({item_id(n): catalog_item(n) for n in range(N_ITEMS)}, {}, TenantPolicy())
    pipeline = Pipeline.read(bundle.directory, bundle.manifest, live, TenantPolicy().relative_weights())
    replayed = ReplayedInputs({bundle.version: pipeline}, live, TenantPolicy().counting, 10.0)
    return compared(replayed, chosen(found, asked()), history.of_lake(lake, GROCER), asked())


async def test_logged_inputs_are_those_of_the_replay_in_every_column(
    slot: tuple[Shop, Clock], bundle: WrittenBundle, tmp_path: Path
) -> None:
    found = await answered(*slot)
    made = reported(found, bundle, tmp_path)
    assert made.n_answers == len(chosen(found, asked())) >= N_ANSWERS - 5  # a shopper without an event so far gets no ranker
    assert made.n_left_out == made.n_in_flight == 0
    assert {column.name for column in made.columns} == set(NAMES)
    assert {column.name: column.differing for column in made.columns if column.differing} == {}
    assert min(column.exact for column in made.columns) > 0.9


async def test_a_column_that_serving_computes_otherwise_is_found(
    slot: tuple[Shop, Clock], bundle: WrittenBundle, tmp_path: Path
) -> None:
    shop, clock = slot
    assert shop.grocer.serving is not None
    pipeline = shop.grocer.serving.pipeline
    columns = [
        dataclasses.replace(one, compute=lambda facts, one=one: one.compute(facts) * 1.01)
        if one.name == "item_age" else one
        for one in pipeline._config.columns
    ]  # fmt: skip
    pipeline._config = dataclasses.replace(pipeline._config, columns=tuple(columns))
    made = reported(await answered(shop, clock), bundle, tmp_path)
    assert made.columns[0].name == "item_age"
    assert made.columns[0].differing > 0.5
    assert made.columns[0].largest > 0.0
    assert [column.name for column in made.columns if column.differing] == ["item_age"]


async def test_a_stream_that_is_seconds_late_is_no_difference_and_one_that_is_hours_late_is(
    slot: tuple[Shop, Clock], bundle: WrittenBundle, tmp_path: Path
) -> None:
    made = reported(await answered(*slot, slow_s=5.0), bundle, tmp_path / "seconds")
    assert made.differing == 0.0
    shop, clock = slot
    shop.served.records.clear()
    late = reported(await answered(shop, clock, slow_s=24 * HOUR_S), bundle, tmp_path / "hours")
    assert late.differing > 0.3


async def test_answers_to_shoppers_who_just_acted_are_left_out(
    slot: tuple[Shop, Clock], bundle: WrittenBundle, tmp_path: Path
) -> None:
    shop, clock = slot
    own = [one for one in EVENTS if one.kind != "impression"][-30:]
    for one in own:
        clock.at_s = one.received_at.timestamp() + 3.0
        fold_into(shop, known(clock.at_s, slow_s=5.0))  # the slot does not know it yet
        await shop.list_for(one.user_id)
    records = [record(answer, user_id, tenant) for tenant, user_id, answer in shop.served.records]
    found = ServedAnswers.of(records, GROCER, datetime.fromtimestamp(BEGAN_S, UTC))
    made = reported(found, bundle, tmp_path)
    assert made.n_in_flight == len(chosen(found, asked())) >= len(own) - 5  # the last ones came after the report
    assert (made.n_answers, made.differing) == (0, 0.0)


async def test_answers_are_spread_over_the_period_and_the_newest_minute_waits_for_the_lake(slot: tuple[Shop, Clock]) -> None:
    found = await answered(*slot)
    few = chosen(found, asked(5))
    assert len(few) == 5
    at_s = [one.answer.at_s for one in few]
    assert at_s == sorted(at_s)
    assert at_s[-1] - at_s[0] > 4 * DAY_S
    earlier = dataclasses.replace(asked(), now=datetime.fromtimestamp(NOW.timestamp() + 30, UTC))
    assert max(one.answer.at_s for one in chosen(found, earlier)) <= NOW.timestamp() - 30


def compared_of(logged: Floats, known: Floats, before: Floats | None = None) -> Compared:
    names = tuple(f"c{n}" for n in range(len(logged)))
    return Compared("r", names, logged, known, known if before is None else before)


values = st.lists(st.floats(width=32), min_size=3, max_size=3).map(floats)


@given(values)
def test_what_is_equal_is_exact_whatever_it_is(same: Floats) -> None:
    for column in report([compared_of(same, same)]):
        assert (column.exact, column.differing, column.largest) == (1.0, 0.0, 0.0)


@given(values, values)
def test_a_value_between_the_two_replays_is_no_difference(known: Floats, before: Floats) -> None:
    share = np.float64(0.25)
    with np.errstate(all="ignore"):
        logged = floats(known.astype(np.float64) * share + before.astype(np.float64) * (1.0 - share))
    for column in report([compared_of(logged, known, before)]):
        place = int(column.name[1:])
        if np.isfinite([known[place], before[place]]).all():
            assert column.differing == 0.0


@given(values, values)
def test_an_unknown_value_that_should_be_known_differs(logged: Floats, known: Floats) -> None:
    for column in report([compared_of(logged, known)]):
        place = int(column.name[1:])
        if np.isnan(logged[place]) != np.isnan(known[place]):
            assert (column.exact, column.differing, column.largest) == (0.0, 1.0, np.inf)


def test_the_worst_column_comes_first_with_the_request_where_it_is_worst() -> None:
    good = Compared("r1", ("a", "b"), floats([1, 5]), floats([1, 5]), floats([1, 5]))
    bad = Compared("r2", ("a", "b"), floats([1, 9]), floats([1, 5]), floats([1, 6]))
    first, second = report([good, bad])
    assert (first.name, first.n, first.exact, first.differing, first.largest, first.request_id) == ("b", 2, 0.5, 0.5, 3.0, "r2")
    assert (second.name, second.differing) == ("a", 0.0)
