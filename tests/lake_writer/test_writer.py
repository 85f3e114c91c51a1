"""The writer over a topic in memory and a real Delta table: crashes and poison are inputs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from deltalake.exceptions import DeltaError
from prometheus_client import CollectorRegistry

from recommndr.events import Event
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import batch as batch_module
from recommndr_lake_writer.batch import MAX_AGE_S, MAX_ROWS, Batch
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.inbox import InMemoryInbox
from recommndr_lake_writer.lake import Row, read_events
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.record import TopicRecord
from tests.lake_writer.topic import NOW, event_bytes, records

POLICIES = {TenantId("grocer"): TenantPolicy()}


@dataclass
class Bench:
    lake: Path
    records: list[TopicRecord]
    dead_letters: InMemoryDeadLetters = field(default_factory=InMemoryDeadLetters)
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))

    def writer(self, batch: int = 100) -> LakeWriter:
        """A new process over the same topic and lake."""
        inbox, table = InMemoryInbox(self.records, batch), EventsTable(self.lake)
        writer = LakeWriter(inbox, table, self.dead_letters, POLICIES, self.metrics, lambda: NOW)
        writer.start()
        return writer

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
    assert bench.metrics.registry.get_sample_value("recommndr_lake_writer_commit_failures_total") == 1


def test_nothing_more_is_read_while_a_commit_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, records([event_bytes(n) for n in range(1, 11)]))
    writer = bench.writer(batch=1)
    writer.step()
    with monkeypatch.context() as while_broken:
        while_broken.setattr(Batch, "due", lambda *_: True)
        while_broken.setattr(writer.table, "append", lambda *_: 1 / 0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                writer.step()
    assert writer._batch.n_rows == 2, "two lines of the one event read before"
    writer.commit()


def test_a_batch_is_due_by_rows_or_by_age() -> None:
    batch = Batch(POLICIES, lambda *_: None)
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
