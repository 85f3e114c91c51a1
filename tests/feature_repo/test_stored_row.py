"""Rows as the feature writer stores them are Feast's own, byte for byte."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.features import guests, shopper
from recommndr.features.schema import Dtype, Value
from recommndr.settings import Settings
from recommndr_feature_repo import (
    FEATURE_SERVICE,
    SHOPPER_KEY,
    FeatureStore,
    hash_fields,
    open_store,
    shopper_redis_key,
    stored_row,
)
from recommndr_feature_repo.definitions import EVENT_TIMESTAMP, ONLINE_SCHEMAS

NUMBERS = st.integers(-(2**63), 2**63 - 1)
# A state holds no NaN; Feast would store one as "no value".
SUMS = st.floats(allow_nan=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: dict[Dtype, st.SearchStrategy[Value]] = {
    "int64": NUMBERS,
    "float64": SUMS,
    "string": TEXTS,
    "int64_list": st.lists(NUMBERS, max_size=5),
    "float64_list": st.lists(SUMS, max_size=5),
    "string_list": st.lists(TEXTS, max_size=5),
}
NOBODY = shopper.default_columns() | guests.columns(guests.EMPTY)
COLUMNS = st.fixed_dictionaries({field.name: VALUES[field.dtype] for schema in ONLINE_SCHEMAS for field in schema.fields})
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
USERS = TEXTS.filter(bool)


@pytest.fixture(scope="module")
def store_and_client(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FeatureStore, redis.Redis]]:
    with redis.Redis.from_url(redis_url) as client:
        yield open_store(Settings(state_dir=tmp_path_factory.mktemp("feast"), redis_url=redis_url)), client


def all_groups(columns: dict[str, Value], at: datetime) -> dict[bytes, bytes]:
    """The shopper's whole hash."""
    stored = [stored_row(schema.name, columns, at) for schema in ONLINE_SCHEMAS]
    assert [set(one) for one in stored] == [set(hash_fields(schema.name)) for schema in ONLINE_SCHEMAS]
    return {name: value for one in stored for name, value in one.items()}


def written_by_feast(
    store_and_client: tuple[FeatureStore, redis.Redis], key: str, columns: dict[str, Value], at: datetime
) -> dict[bytes, bytes]:
    store, client = store_and_client
    client.delete(shopper_redis_key(key))
    for schema in ONLINE_SCHEMAS:
        row = {SHOPPER_KEY: [key], EVENT_TIMESTAMP: [at]} | {field.name: [columns[field.name]] for field in schema.fields}
        store.write_to_online_store(schema.name, pd.DataFrame(row))
    found: dict[bytes, bytes] = client.hgetall(shopper_redis_key(key))
    return found


@pytest.mark.integration
@settings(max_examples=50)
@given(user=USERS, columns=COLUMNS, at=INSTANTS)
def test_a_row_has_the_bytes_that_feast_writes(
    store_and_client: tuple[FeatureStore, redis.Redis], user: str, columns: dict[str, Value], at: datetime
) -> None:
    assert all_groups(columns, at) == written_by_feast(store_and_client, f"grocer|{user}", columns, at)


@pytest.mark.integration
def test_an_empty_shopper_has_the_bytes_that_feast_writes(store_and_client: tuple[FeatureStore, redis.Redis]) -> None:
    at = datetime.fromtimestamp(0, UTC)
    stored = all_groups(NOBODY, at)
    assert stored == written_by_feast(store_and_client, "grocer|empty", NOBODY, at)


@pytest.mark.integration
@settings(max_examples=50)
@given(user=USERS, columns=COLUMNS, at=INSTANTS)
def test_feast_reads_back_what_was_stored(
    store_and_client: tuple[FeatureStore, redis.Redis], user: str, columns: dict[str, Value], at: datetime
) -> None:
    store, client = store_and_client
    key = f"grocer|{user}"
    client.hset(shopper_redis_key(key), mapping=all_groups(columns, at))
    with warnings.catch_warnings():
        found = store.get_online_features(FEATURE_SERVICE, [{SHOPPER_KEY: key}]).to_dict()
    assert {name: values[0] for name, values in found.items() if name != SHOPPER_KEY} == columns


@pytest.mark.parametrize(
    ("column", "wrong"), [("n_events", "many"), ("recent_kinds", [1.5]), ("device", 7), ("recent_item_ids", [None])]
)
def test_a_value_of_the_wrong_type_is_refused(column: str, wrong: Value) -> None:
    with pytest.raises((TypeError, ValueError)):
        all_groups(NOBODY | {column: wrong}, datetime.fromtimestamp(0, UTC))


def test_a_missing_column_is_refused() -> None:
    columns = dict(NOBODY)
    del columns["n_events"]
    with pytest.raises(KeyError, match="n_events"):
        all_groups(columns, datetime.fromtimestamp(0, UTC))
