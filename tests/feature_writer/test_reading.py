from hypothesis import given
from hypothesis import strategies as st

from recommndr_feature_writer.reading import MAX_UNREADABLE, read, sift
from recommndr_tail.record import TopicRecord
from tests.feature_writer.shoppers import NOW_S, TOPIC, value

VALUES = {"row": value(1), "unreadable": b"garbage", "tombstone": None}
KINDS = st.lists(st.sampled_from(["row", "unreadable", "unreadable", "unreadable", "tombstone"]), max_size=60)


def records(kinds: list[str]) -> list[TopicRecord]:
    return [TopicRecord(TOPIC, 0, offset, b"grocer|u", VALUES[kind], NOW_S) for offset, kind in enumerate(kinds)]


def n_last_unreadable(kinds: list[str]) -> int:
    behind = kinds[len(kinds) - kinds[::-1].index("row") :] if "row" in kinds else kinds
    return behind.count("unreadable")


@given(before=st.integers(0, MAX_UNREADABLE - 1), kinds=KINDS)
def test_a_partition_is_held_exactly_when_it_ends_in_too_many_unreadable_records(before: int, kinds: list[str]) -> None:
    place = (TOPIC, 0)
    sifted = sift([read(record) for record in records(kinds)], {place: before})
    n = n_last_unreadable(kinds) + (0 if "row" in kinds else before)
    assert (place in sifted.held) == (n >= MAX_UNREADABLE and n_last_unreadable(kinds) > 0)
    if place not in sifted.held:
        assert len(sifted.kept) == len(kinds)
        assert sifted.n_unreadable[place] == n


@given(kinds=KINDS)
def test_what_is_held_begins_behind_the_last_row(kinds: list[str]) -> None:
    sifted = sift([read(record) for record in records(kinds)], {})
    for first in sifted.held.values():
        assert first.cause is not None
        assert "row" not in kinds[first.record.offset :]
        assert [one.record.offset for one in sifted.kept] == list(range(first.record.offset))


@given(kinds=KINDS, cut=st.integers(0, 60))
def test_it_does_not_matter_how_records_are_cut_into_polls(kinds: list[str], cut: int) -> None:
    readings = [read(record) for record in records(kinds)]
    first = sift(readings[:cut], {})
    if not first.held:
        rest = sift(readings[cut:], first.n_unreadable)
        assert bool(rest.held) == bool(sift(readings, {}).held)
