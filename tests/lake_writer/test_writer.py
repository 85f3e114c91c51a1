"""The writer over a topic in memory and a real Delta table: crashes and poison are inputs."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from deltalake.exceptions import DeltaError
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from recommndr.events import Event
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import batch as batch_module
from recommndr_lake_writer import fenced_table
from recommndr_lake_writer.batch import MAX_AGE_S, MAX_ROWS, EventsBatch
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.events_writer import events_writer
from recommndr_lake_writer.lake import Row, read_events
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.group_inbox import InMemoryInbox
from recommndr_tail.record import PartitionId, TopicRecord
from tests.lake_writer.topic import NOW, TOPIC, event_bytes, records

POLICIES = {TenantId("grocer"): TenantPolicy()}


@dataclass
class Bench:
    lake: Path
    records: list[TopicRecord]
    dead_letters: InMemoryDeadLetters = field(default_factory=InMemoryDeadLetters)
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))
    places: set[PartitionId] = field(default_factory=lambda: {(TOPIC, partition) for partition in range(2)})

    def writer(self, batch: int = 100, topic_id: str = "first") -> LakeWriter[EventsBatch]:
        """A new process over the same topic and lake."""
        inbox, table = InMemoryInbox(self.records, self.places, batch, topic_id), EventsTable(self.lake)
        return events_writer(inbox, table, self.dead_letters, POLICIES, self.metrics, lambda: NOW)

    def raw_rows(self) -> int:
        table = EventsTable(self.lake)
        return int(table._table.to_pyarrow_table().num_rows)


def test_crashes_between_reading_and_committing_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 101)]))
    for n_steps in (0, 1, 3, 2):
        writer = bench.writer(batch=7)
        for _ in range(n_steps):
            writer.step()
            writer.commit()
        writer.step()  # read, and died before the commit
    writer = bench.writer(batch=7)
    for _ in range(20):
        writer.step()
    writer.commit()
    assert bench.raw_rows() == 200
    assert read_events(tmp_path, "grocer").num_rows == 200


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"{",
        b"null",
        b"\xff",
        b'{"kind":"purchase"}',
        event_bytes(1)[:-1],
        event_bytes(1).replace(b"grocer", b"GROCER"),
        None,
    ],
)
def test_an_unreadable_record_becomes_a_dead_letter_and_the_rest_continues(poison: bytes | None, tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(1), poison, event_bytes(2)], partitions=1))
    writer = bench.writer()
    writer.step()
    writer.commit()
    (letter,) = bench.dead_letters.letters
    assert (letter.offset, letter.value) == (1, poison)
    assert read_events(tmp_path, "grocer").num_rows == 4
    again = bench.writer()
    again.step()
    assert len(bench.dead_letters.letters) == 1  # its offset was committed too


def test_events_of_a_tenant_that_has_left_are_kept_with_default_weights(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(1, tenant="gone")]))
    writer = bench.writer()
    writer.step()
    writer.commit()
    assert read_events(tmp_path, "gone")["weight"].to_pylist() == [5.0, 5.0]


@pytest.mark.parametrize("cause", [OSError("disk full"), DeltaError("away"), ZeroDivisionError("nobody expected it")])
def test_what_a_failed_commit_gathered_is_committed_by_the_next(
    cause: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, records([event_bytes(1), event_bytes(2)]))
    writer = bench.writer()
    writer.step()

    def fails(*_: object) -> None:
        raise cause

    with monkeypatch.context() as while_broken:
        while_broken.setattr(writer.table, "append", fails)
        with pytest.raises(type(cause)):
            writer.commit()
    writer.commit()
    assert read_events(tmp_path, "grocer").num_rows == 4
    assert bench.metrics.registry.get_sample_value("recommndr_lake_writer_commit_failures_total", {"table": "events"}) == 1


def test_nothing_more_is_read_while_a_commit_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 11)]))
    writer = bench.writer(batch=1)
    writer.step()
    with monkeypatch.context() as while_broken:
        while_broken.setattr(EventsBatch, "due", lambda *_: True)
        while_broken.setattr(writer.table, "append", lambda *_: 1 / 0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                writer.step()
    assert writer._batch.n_rows == 2, "two lines of the one event read before"
    writer.commit()


def test_a_batch_is_due_by_rows_or_by_age() -> None:
    batch = EventsBatch(POLICIES)
    assert not batch.due(1e9)
    batch.add(records([event_bytes(1)]), 10.0)
    assert not batch.due(10.0 + MAX_AGE_S - 0.1)
    assert batch.due(10.0 + MAX_AGE_S)
    batch.add(records([event_bytes(n) for n in range(1, MAX_ROWS // 2)]), 10.5)
    assert batch.due(10.6)


def test_a_value_that_its_column_cannot_hold_costs_its_own_record_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = batch_module.rows_of

    def with_misfits(event: Event, *others: Any) -> list[Row]:
        found = really(event, *others)
        return [row | {"quantity": 2**40} for row in found] if event.event_id.int in (3, 8) else found

    monkeypatch.setattr(batch_module, "rows_of", with_misfits)
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 10)], partitions=1))
    writer = bench.writer()
    writer.step()
    writer.commit()
    assert [letter.offset for letter in bench.dead_letters.letters] == [2, 7]
    assert read_events(tmp_path, "grocer").num_rows == 2 * 7
    again = bench.writer()
    again.step()
    assert again._batch.n_records == 0


def test_unreadable_records_alone_are_not_read_again_after_a_restart(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([b"{", b"null"], partitions=1))
    writer = bench.writer()
    writer.step()
    writer.commit()
    bench.writer().step()
    assert len(bench.dead_letters.letters) == 2


def drain(writer: LakeWriter[EventsBatch]) -> None:
    for _ in range(2):  # its first commit may find that another writer came first
        for _ in range(30):
            writer.step()
        writer.commit()


def test_of_two_writers_with_the_same_partitions_the_later_one_writes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 41)]))
    stood_still, took_over = bench.writer(batch=10), bench.writer(batch=10)
    stood_still.step()
    took_over.step()
    took_over.step()
    took_over.commit()
    stood_still.commit()
    assert bench.raw_rows() == 2 * 20
    assert bench.metrics.registry.get_sample_value("recommndr_lake_writer_overtaken_total", {"table": "events"}) == 1
    drain(stood_still)
    took_over.step()
    took_over.commit()
    assert bench.raw_rows() == 2 * 40


def test_of_two_commits_of_the_same_records_at_the_same_instant_only_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 11)]))
    first, second = bench.writer(batch=10), bench.writer(batch=10)
    first.step()
    second.step()
    really = fenced_table.write_deltalake

    def after_the_other(*arguments: object, **options: object) -> None:
        monkeypatch.undo()
        second.commit()
        really(*arguments, **options)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(fenced_table, "write_deltalake", after_the_other)
    first.commit()
    told = bench.metrics.registry.get_sample_value("recommndr_lake_writer_rows_total", {"table": "events"})
    assert told == bench.raw_rows() == 2 * 10
    assert bench.metrics.registry.get_sample_value("recommndr_lake_writer_overtaken_total", {"table": "events"}) == 1


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["read", "commit", "die"])), max_size=25))
def test_whatever_writers_do_in_turns_every_record_is_there_once(steps: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder), records([event_bytes(n) for n in range(1, 31)], partitions=2))
        writers = {name: bench.writer(batch=4) for name in "abc"}
        for name, what in steps:
            if what == "read":
                writers[name].step()
            elif what == "commit":
                writers[name].commit()
            else:
                writers[name] = bench.writer(batch=4)
        drain(writers["a"])
        assert bench.raw_rows() == read_events(Path(folder), "grocer").num_rows == 2 * 30


def test_a_partition_that_was_away_for_a_moment_is_read_on_from_the_lake(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 21)]))
    writer, inbox = bench.writer(batch=5), InMemoryInbox(bench.records, bench.places, 5)
    writer.inbox = inbox
    writer.step()
    inbox.nth = 1  # taken away and given back: another writer may have written meanwhile
    bench.writer(batch=20).step()
    other = bench.writer(batch=20)
    other.step()
    other.commit()
    drain(writer)
    assert bench.raw_rows() == 2 * 20


def test_a_topic_created_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 11)]))
    drain(bench.writer())
    bench.records = records([event_bytes(n) for n in range(101, 121)])
    drain(bench.writer(topic_id="second"))
    assert len(set(read_events(tmp_path, "grocer")["event_id"].to_pylist())) == 10 + 20
    drain(bench.writer(topic_id="second"))
    assert bench.raw_rows() == 2 * 30


def test_the_offsets_of_a_release_without_ids_of_topics_count_for_the_topic_there_is(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 11)]))
    drain(bench.writer(topic_id=""))
    bench.records += [replace(one, offset=one.offset + 5) for one in records([event_bytes(n) for n in range(11, 21)])]
    drain(bench.writer())
    assert bench.raw_rows() == 2 * 20
    bench.records = records([event_bytes(n) for n in range(31, 41)])
    drain(bench.writer(topic_id="second"))
    assert bench.raw_rows() == 2 * 30


def test_while_a_topics_id_is_not_known_nothing_is_written(tmp_path: Path) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 11)]))
    drain(bench.writer())
    drain(bench.writer(topic_id=""))
    assert bench.raw_rows() == 2 * 10
