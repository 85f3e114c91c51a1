"""The laws of the stream on SQLite: each event counts once, wherever the process ends."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.events import Event, erasure
from recommndr.topics import AVAILABILITY, CATALOG, DEAD_LETTER, EVENTS
from recommndr_collector.event_log import Record
from recommndr_one_process import log_table, newest_values
from recommndr_one_process.database import Database, WrongDatabase
from recommndr_one_process.known_catalogue import KnownCatalogue
from tests.one_process.logs import (
    NOW,
    TENANT,
    append,
    columns,
    database_in,
    event,
    follow,
    is_the_fold_of,
    item_states,
    record,
    stream,
)

HISTORIES = st.lists(
    st.builds(
        event,
        st.integers(0, 12),  # few numbers, so that many are repeats
        st.just("anna"),
        st.just(("milk", "bread")),
        st.sampled_from(("view", "click", "purchase")),
    ),
    min_size=1,
    max_size=25,
)


class Killed(Exception):
    """The process ends here."""


class Ending(Database):
    """Ends the process within the nth transaction, before or after its commit."""

    def __init__(self, path: Path, nth: int, after: bool) -> None:
        super().__init__(path)
        self._left, self._after = nth, after

    @contextmanager
    def writing(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        with super().writing(connection) as held:
            yield held
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
        if self._left == 0:
            self._left = -1
            raise Killed


def first_of_each(history: list[Event]) -> list[Event]:
    return list({one.event_id: one for one in reversed(history)}.values())


@settings(max_examples=15)
@given(HISTORIES, st.integers(1, 4), st.booleans())
def test_a_process_that_ends_in_any_transaction_loses_nothing_and_doubles_nothing(
    history: list[Event], nth: int, after: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.sqlite"
        third = len(history) // 3 + 1
        for place in range(0, len(history), third):
            append(Database(path), map(record, history[place : place + third]))
            try:
                follow(stream(Ending(path, nth, after)))
            except Killed:
                follow(stream(Database(path)))
        is_the_fold_of(Database(path), first_of_each(history))


def test_a_step_that_fails_is_done_again_with_the_states_of_the_file(tmp_path: Path) -> None:
    database = Ending(tmp_path / "shop.sqlite", nth=2, after=False)  # the first transaction notes the generation of outcomes
    append(Database(database.path), [record(event(1))])
    following = stream(database)
    with pytest.raises(Killed):
        following.step()
    follow(following)
    is_the_fold_of(database, [event(1)])


def test_a_repeat_counts_once_also_in_a_later_pack_of_a_later_process(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    for _ in range(2):
        append(database, [record(event(1)), record(event(1))])
        follow(stream(database))
    assert columns(database, "anna")["n_events"] == 1


def test_what_cannot_be_read_is_a_dead_letter_and_the_stream_goes_on(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    append(database, [Record(EVENTS.name, b"grocer|anna", b"{"), record(event(1))])
    follow(stream(database))
    with closing(database.connect()) as connection:
        assert len(list(newest_values.keys_of_topic(connection, DEAD_LETTER.name))) == 1
    assert columns(database, "anna")["n_events"] == 1


def test_an_erased_shopper_leaves_neither_row_nor_events_and_others_stay(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    append(database, [record(event(1)), record(event(2, "ben"))])
    follow(stream(database))
    append(database, [record(erasure(TENANT, "anna", UUID(int=9), NOW))])
    follow(stream(database))
    assert columns(database, "anna") == {}
    assert columns(database, "ben")["n_events"] == 1
    with closing(database.connect()) as connection:
        kept = [one.key for one in log_table.read(connection, 0, 10)]
    assert kept == [b"grocer|ben", b"grocer|anna"]  # of the latter, the erasure itself


async def test_items_of_the_catalogue_are_known_from_rows_and_from_the_log(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    with closing(database.connect()) as connection:
        connection.execute("INSERT INTO newest VALUES (?, ?, ?)", (CATALOG.name, b"grocer|milk", b"{}"))
        log_table.insert(connection, 0, [Record(CATALOG.name, b"grocer|bread", b"{}")])
    known = KnownCatalogue(database)
    known.take([Record(CATALOG.name, b"grocer|milk", None)])
    found = [await known.holds(key) for key in (b"grocer|milk", b"grocer|bread", b"grocer|cheese")]
    assert found == [False, True, False]


def test_the_newest_record_of_an_item_stays_and_the_log_keeps_events_only(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    stock = [Record(AVAILABILITY.name, b"grocer|milk", value) for value in (b'{"available":true}', b'{"available":false}')]
    append(database, [*stock, record(event(1))])
    follow(stream(database))
    with closing(database.connect()) as connection:
        assert newest_values.of_key(connection, (AVAILABILITY.name,), b"grocer|milk") == [(AVAILABILITY.name, stock[1].value)]
        assert [one.topic for one in log_table.read(connection, 0, 10)] == [EVENTS.name]
        assert log_table.next_offset(connection) == 3
    assert set(item_states(database)) == {"milk"}


def test_offsets_are_not_used_again_after_the_log_was_emptied(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    append(database, [Record(AVAILABILITY.name, b"grocer|milk", b'{"available":true}')])
    follow(stream(database))
    with closing(database.connect()) as connection:
        assert log_table.next_offset(connection) == 1


def test_a_file_of_another_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    with closing(database.connect()) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(WrongDatabase, match=r"format 99.*run the version that wrote it"):
        Database(database.path)
