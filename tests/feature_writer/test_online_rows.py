"""The contract of the online rows, over every implementation."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from recommndr.features import shopper
from recommndr.features.schema import Value
from recommndr.settings import Settings
from recommndr_feature_repo import FEATURE_SERVICE, SHOPPER_KEY, open_store
from recommndr_feature_writer.online_rows import FeastRows, InMemoryRows, OnlineRows, StoreUnavailable
from recommndr_feature_writer.shopper_row import ShopperRow
from tests.feature_writer.shoppers import state

Read = Callable[[str], dict[str, Value] | None]


@pytest.fixture(params=["memory", pytest.param("feast", marks=pytest.mark.integration)])
def rows_and_reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[OnlineRows, Read]]:
    if request.param == "memory":
        memory = InMemoryRows()
        yield memory, lambda key: memory.rows[key].columns if key in memory.rows else None
        return
    url = request.getfixturevalue("redis_url")
    store = open_store(Settings(state_dir=tmp_path, redis_url=url))

    def read(key: str) -> dict[str, Value] | None:
        columns = store.get_online_features(FEATURE_SERVICE, [{SHOPPER_KEY: key}]).to_dict()
        found = {name: values[0] for name, values in columns.items() if name != SHOPPER_KEY}
        return None if all(value is None for value in found.values()) else found

    with redis.Redis.from_url(url) as client:
        yield FeastRows(client), read


def row(key: str, n_events: int) -> ShopperRow:
    return ShopperRow(key, shopper.columns(state(n_events)), 1.0)


def test_what_was_written_is_read_back_as_it_was(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, read = rows_and_reader
    written = [row(f"grocer|contract-{n}", n) for n in (0, 1, 60, 600)]
    rows.write(written)
    assert [read(one.shopper_key) for one in written] == [one.columns for one in written]


def test_an_older_row_written_later_wins(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    """The order of writing decides, not the rows' times: a deleted shopper starts again, and a seed may be older."""
    rows, read = rows_and_reader
    for n_events, newest_at_s in ((5, 100.0), (2, 50.0), (3, 50.0)):
        rows.write([ShopperRow("grocer|order", shopper.columns(state(n_events)), newest_at_s)])
    found = read("grocer|order")
    assert found is not None
    assert found["n_events"] == 3


def test_what_was_deleted_is_gone_and_others_stay(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, read = rows_and_reader
    rows.write([row("grocer|gone", 1), row("grocer|stays", 1)])
    rows.delete(["grocer|gone", "grocer|never-was"])
    assert read("grocer|gone") is None
    assert read("grocer|stays") is not None


def test_nothing_to_do_is_fine_and_a_life_has_one_name(rows_and_reader: tuple[OnlineRows, Read]) -> None:
    rows, _ = rows_and_reader
    rows.write([])
    rows.delete([])
    assert rows.life() == rows.life() != ""


def test_a_redis_that_is_away_is_named_in_our_own_words() -> None:
    rows = FeastRows(redis.Redis.from_url("redis://127.0.0.1:9/0"))
    for call in (lambda: rows.write([row("grocer|a", 1)]), lambda: rows.delete(["grocer|a"]), rows.life):
        with pytest.raises(StoreUnavailable):
            call()
