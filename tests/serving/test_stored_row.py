"""A slot reads a shopper's hash without Feast: the same key, the same fields, the same values."""

import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given

from recommndr.features.schema import Value
from recommndr_feature_repo import FEATURE_SERVICE, hash_fields, shopper_redis_key
from recommndr_feature_repo.definitions import ONLINE_SCHEMAS
from recommndr_feature_repo.stored_row import stored_row as stored_by_feast
from recommndr_serving.live import stored_row
from tests.feature_repo.test_stored_row import COLUMNS, TEXTS

AT = datetime(2026, 1, 2, tzinfo=UTC)


def stored(columns: dict[str, Value]) -> dict[bytes, bytes]:
    return {field: value for schema in ONLINE_SCHEMAS for field, value in stored_by_feast(schema.name, columns, AT).items()}


@given(TEXTS)
def test_the_key_is_that_of_feast(shopper_key: str) -> None:
    assert stored_row.redis_key(shopper_key) == shopper_redis_key(shopper_key)


def test_it_asks_for_what_the_feature_service_names_and_for_nothing_else() -> None:
    of_feast = {field for schema in ONLINE_SCHEMAS for field in hash_fields(schema.name) if not field.startswith(b"_ts:")}
    assert set(stored_row.HASH_FIELDS) == of_feast
    named = [field.name for view in FEATURE_SERVICE.feature_view_projections for field in view.features]
    assert len(stored_row.HASH_FIELDS) == len(named)


@given(COLUMNS)
def test_what_was_stored_comes_back(columns: dict[str, Value]) -> None:
    hash_of_shopper = stored(columns)
    found = stored_row.columns([hash_of_shopper.get(field) for field in stored_row.HASH_FIELDS])
    plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in found.items()}
    assert plain == columns


def test_a_shopper_who_was_never_seen_has_no_columns() -> None:
    assert stored_row.columns([None] * len(stored_row.HASH_FIELDS)) == {}


def test_bytes_that_are_no_value_are_refused_with_the_columns_name() -> None:
    values: list[bytes | None] = [None] * len(stored_row.HASH_FIELDS)
    values[0] = b"\x0f\xff"
    with pytest.raises(ValueError, match="2 bytes are not a stored value"):
        stored_row.columns(values)


def test_a_slot_starts_without_feast() -> None:
    """Its import takes seconds and a hundred megabytes."""
    script = "import recommndr_serving.main, sys; print('feast' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"
