"""The contract of the online rows, over every implementation."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from recommndr.features import purchased_items, shopper, user
from recommndr.features.schema import Value
from recommndr.settings import Settings
from recommndr_feature_repo import FEATURE_SERVICE, SHOPPER_KEY, open_store
from recommndr_feature_writer.online_rows import InMemoryRows, OnlineRows, RedisRows, StoreUnavailable
from recommndr_feature_writer.position import Batch, Move, Position, PositionMoved
from recommndr_feature_writer.shopper_row import RowKey, ShopperRow
from recommndr_tail.record import PartitionId
from tests.feature_writer.shoppers import key, state

Read = Callable[[RowKey], dict[str, Value] | None]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def rows_and_reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[OnlineRows, Read]]:
    if request.param == "memory":
        memory = InMemoryRows()
        yield memory, lambda key: memory.rows[key].columns if key in memory.rows else None
        return
    url = request.getfixturevalue("redis_url")
    store = open_store(Settings(state_dir=tmp_path, redis_url=url))

    def read(key: RowKey) -> dict[str, Value] | None:
        columns = store.get_online_features(FEATURE_SERVICE, [{SHOPPER_KEY: key.shopper_key}]).to_dict()
        (schema,) = (schema for schema in shopper.SCHEMAS if schema.name == key.group)
        found = {field.name: columns[field.name][0] for field in schema.fields}
        return None if all(value is None for value in found.values()) else found

    with redis.Redis.from_url(url) as client:
        yield RedisRows(client), read


@pytest.fixture
def places() -> list[PartitionId]:
    """Partitions that no other test knows."""
    topic = uuid4().hex
    return [(topic, 0), (topic, 1)]


def row(user_id: str, n_events: int, newest_at_s: float = 1.0) -> ShopperRow:
    return ShopperRow.of(key(user_id), user.columns(state(n_events).user), newest_at_s)


def orders(user_id: str, n_events: int) -> ShopperRow:
    return ShopperRow.of(key(user_id, "purchased_items"), purchased_items.columns(state(n_events).purchased), 1.0)


def test_what_was_written_is_read_back_as_it_was(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, read = rows_and_reader
    written = [make(f"contract-{n}", n) for n in (0, 1, 60, 600) for make in (row, orders)]
    rows.write(Batch(written))
    assert [read(one.key) for one in written] == [one.columns for one in written]


def test_the_order_of_writing_decides_not_the_rows_times(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    """A deleted shopper starts again, and a seed may be older."""
    rows, read = rows_and_reader
    for n_events, newest_at_s in ((5, 100.0), (2, 50.0), (3, 50.0)):
        rows.write(Batch([row("order", n_events, newest_at_s)]))
    found = read(key("order"))
    assert found is not None
    assert found["n_events"] == 3


def test_who_is_gone_is_gone_and_others_stay(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, read = rows_and_reader
    rows.write(Batch([row("gone", 1), row("stays", 1)]))
    rows.write(Batch(gone=[key("gone"), key("never-was")]))
    assert read(key("gone")) is None
    assert read(key("stays")) is not None


def test_a_group_that_is_gone_takes_no_other_group_with_it(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, read = rows_and_reader
    rows.write(Batch([row("both", 2), orders("both", 2)]))
    rows.write(Batch(gone=[key("both")]))
    assert read(key("both")) is None
    assert read(key("both", "purchased_items")) == orders("both", 2).columns


def test_positions_move_with_the_rows_and_can_be_forgotten(
    rows_and_reader: tuple[OnlineRows, Read], places: list[PartitionId]
) -> None:
    rows, _ = rows_and_reader
    assert rows.positions(places) == {}
    first, second = Position("topic", 3), Position("topic", 7)
    rows.write(Batch(moves={places[0]: Move(None, first)}))
    assert rows.positions(places) == {places[0]: first}
    rows.write(Batch(moves={places[0]: Move(first, second), places[1]: Move(None, first)}))
    assert rows.positions(places) == {places[0]: second, places[1]: first}
    rows.forget(places[:1])
    assert rows.positions(places) == {places[1]: first}


@pytest.mark.parametrize("expected", [None, Position("topic", 2), Position("another", 3)])
def test_a_batch_that_does_not_begin_at_the_position_writes_nothing(
    rows_and_reader: tuple[OnlineRows, Read], places: list[PartitionId], expected: Position | None
) -> None:
    rows, read = rows_and_reader
    here = Position("topic", 3)
    rows.write(Batch([row("newer", 5)], moves={places[0]: Move(None, here)}))
    late = Batch(
        [row("newer", 2)],
        gone=[key("newer")],
        moves={places[1]: Move(None, here), places[0]: Move(expected, Position("topic", 9))},
    )
    with pytest.raises(PositionMoved):
        rows.write(late)
    assert rows.positions(places) == {places[0]: here}
    found = read(key("newer"))
    assert found is not None
    assert found["n_events"] == 5


@pytest.mark.integration
@pytest.mark.parametrize("meanwhile", ["another writer", "flushed"])
def test_what_happens_to_a_position_while_a_batch_is_written_is_noticed(
    redis_url: str, places: list[PartitionId], meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the position and the transaction."""
    with redis.Redis.from_url(redis_url) as client, redis.Redis.from_url(redis_url) as other:
        rows, here = RedisRows(client), Position("topic", 3)
        rows.write(Batch([row("race", 5)], moves={places[0]: Move(None, here)}))
        looked = redis.client.Pipeline.multi

        def interfere(pipe: redis.client.Pipeline) -> None:
            monkeypatch.undo()
            if meanwhile == "flushed":
                other.flushall()
            else:
                RedisRows(other).write(Batch(moves={places[0]: Move(here, Position("topic", 4))}))
            looked(pipe)

        monkeypatch.setattr(redis.client.Pipeline, "multi", interfere)
        with pytest.raises(PositionMoved):
            rows.write(Batch([row("race", 2)], moves={places[0]: Move(here, Position("topic", 9))}))
        expected = {} if meanwhile == "flushed" else {places[0]: Position("topic", 4)}
        assert rows.positions(places) == expected


def test_nothing_to_do_is_fine(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, _ = rows_and_reader
    rows.write(Batch())
    rows.forget([])
    assert rows.positions([]) == {}


def test_a_redis_that_is_away_is_named_in_our_own_words() -> None:
    rows, places = RedisRows(redis.Redis.from_url("redis://127.0.0.1:9/0")), [("features", 0)]
    for call in (
        lambda: rows.write(Batch([row("a", 1)])),
        lambda: rows.positions(places),
        lambda: rows.forget(places),
    ):
        with pytest.raises(StoreUnavailable):
            call()
