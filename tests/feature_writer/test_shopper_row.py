import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import user
from recommndr_feature_writer.shopper_row import newest_per_key, row_of
from recommndr_tail.record import TopicRecord
from tests.feature_writer.shoppers import NOW_S, TOPIC, key, state, value


def record(offset: int, key: bytes | None = b"grocer|u", stored: bytes | None = b"") -> TopicRecord:
    return TopicRecord(TOPIC, 0, offset, key, stored, NOW_S)


@given(keys=st.lists(st.sampled_from([b"a", b"b", b"c", None])), data=st.data())
def test_the_last_offset_of_each_key_wins_however_records_lie(keys: list[bytes | None], data: st.DataObject) -> None:
    records = [record(offset, key) for offset, key in enumerate(keys)]
    shuffled = data.draw(st.permutations(records))
    kept = newest_per_key(shuffled)
    expected = {max((r for r in records if r.key == one), key=lambda r: r.offset) for one in {*keys} - {None}}
    assert set(kept) == expected | {r for r in records if r.key is None}
    assert kept == sorted(kept, key=lambda one: one.offset)


def test_a_row_holds_every_column_and_the_time_of_the_newest_event() -> None:
    row = row_of(record(0, b"grocer|a|b", value(3)))
    assert row.key == key("a|b")
    assert row.columns == user.columns(state(3).user)
    assert row.newest_at_s == NOW_S - 1


def test_an_empty_shopper_has_a_row_too() -> None:
    row = row_of(record(0, stored=user.to_bytes(user.EMPTY)))
    assert row.columns == user.columns(user.EMPTY)
    assert row.newest_at_s == 0.0


@pytest.mark.parametrize("wrong", [None, b"", b"grocer", b"grocer|", b"|u", b"GROCER|u", b"grocer|\xff", b"grocer|a\nb"])
def test_keys_that_are_none_are_refused(wrong: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"key|tenant|id|utf-8"):
        row_of(record(0, wrong, value(1)))
