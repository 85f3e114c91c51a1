from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_importing.mapping import Time
from recommndr_importing.times import instants

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES)


def read(values: list[object] | pa.Array, form: str = "iso", zone: str = "UTC") -> list[datetime | None]:
    column = values if isinstance(values, pa.Array) else pa.array(values)
    found: list[datetime | None] = instants(column, Time(column=("at",), format=form, zone=zone)).to_pylist()
    return found


@given(st.lists(MOMENTS, min_size=1, max_size=10))
def test_every_way_to_write_an_instant_is_read_as_that_instant(moments: list[datetime]) -> None:
    assert read([at.isoformat() for at in moments]) == moments
    assert read([at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in moments], zone="Asia/Tokyo") == moments
    assert read([f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC" for at in moments], zone="Asia/Tokyo") == moments
    assert read(pa.array(moments, pa.timestamp("us", "UTC")), zone="Asia/Tokyo") == moments
    assert read([at.strftime("%d/%m/%Y %H:%M:%S.%f%z") for at in moments], "%d/%m/%Y %H:%M:%S.%f%z") == moments
    whole = [at.replace(microsecond=0) for at in moments]
    assert read([int(at.timestamp()) for at in whole], "epoch_s") == whole
    assert read([str(int(at.timestamp()) * 1000) for at in whole], "epoch_ms") == whole
    assert read([str(int(at.timestamp()) * 1_000_000) for at in whole], "epoch_us") == whole


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2011-07-01 12:00", "2011-07-01T11:00"),  # summer time
        ("2011-12-01 12:00", "2011-12-01T12:00"),
        ("2011-10-30 01:30", "2011-10-30T00:30"),  # shown twice: the earlier
        ("2011-03-27 01:30", "2011-03-27T01:00"),  # skipped: its end
    ],
)
def test_a_wall_clock_is_the_zones_with_its_summer_time(wall: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    naive = datetime.fromisoformat(wall)
    assert read([wall], zone="Europe/London") == [expected]
    assert read([f"{naive:%d.%m.%y %H:%M}"], "%d.%m.%y %H:%M", "Europe/London") == [expected]
    assert read(pa.array([naive], pa.timestamp("s")), zone="Europe/London") == [expected]


@pytest.mark.parametrize("offset", ["+02", "+0200", "+02:00", " +02:00"])
@pytest.mark.parametrize("clock", ["10", "10:00", "10:00:00", "10:00:00.000"])
def test_an_offset_after_a_time_of_day_goes_before_the_zone_however_it_is_written(clock: str, offset: str) -> None:
    expected = datetime(2017, 1, 1, 8, tzinfo=UTC)
    for between in (" ", "T"):
        written = f"2017-01-01{between}{clock}{offset}"
        assert read([written, "2017-01-01"], zone="Asia/Tokyo") == [expected, datetime(2016, 12, 31, 15, tzinfo=UTC)]
    assert read([f"2017-01-01 {clock}{offset.replace('+', '-')}"], zone="Asia/Tokyo") == [datetime(2017, 1, 1, 12, tzinfo=UTC)]


def test_texts_with_and_without_a_zone_may_stand_side_by_side() -> None:
    found = read(["2020-01-01T00:00:00", "2020-01-01T00:00:00+01:00", "2020-01-01"], zone="Asia/Tokyo")
    assert found == [
        datetime(2019, 12, 31, 15, tzinfo=UTC),
        datetime(2019, 12, 31, 23, tzinfo=UTC),
        datetime(2019, 12, 31, 15, tzinfo=UTC),
    ]


@pytest.mark.parametrize("form", ["iso", "epoch_s", "epoch_ms", "%d/%m/%Y"])
def test_what_is_no_time_is_null(form: str) -> None:
    assert read(["soon", None, "", "0001-01-01T00:00:00Z", "1e300", "1e306", "inf"], form) == [None] * 7
