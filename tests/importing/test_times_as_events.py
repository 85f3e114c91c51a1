"""A file's times are read as an event's are: digits mean the same as number and as text, in the unit that the file names."""

import json
from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from recommndr.instant import Instant
from recommndr_importing.mapping import Time
from recommndr_importing.times import instants

EVENT_TIME: TypeAdapter[datetime] = TypeAdapter(Instant)


@pytest.mark.parametrize(("unit", "per_s"), [("epoch_s", 1), ("epoch_ms", 1_000)])
@given(seconds=st.integers(10**9, 4 * 10**9))
def test_digits_are_the_instant_that_an_event_with_them_has(unit: str, per_s: int, seconds: int) -> None:
    digits = seconds * per_s
    of_event = EVENT_TIME.validate_json(json.dumps(digits), strict=True)
    for column in (pa.array([digits]), pa.array([str(digits)]), pa.array([float(digits)])):
        assert instants(column, Time(column="at", format=unit)).to_pylist() == [of_event]
