"""The writer over an inbox and rows in memory: crashes, outages and poison are inputs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from recommndr.features import shopper
from recommndr_feature_writer.inbox import InMemoryInbox
from recommndr_feature_writer.metrics import Metrics
from recommndr_feature_writer.online_rows import InMemoryRows, StoreUnavailable
from recommndr_feature_writer.shopper_row import ShopperRow, row_of
from recommndr_feature_writer.writer import FeatureWriter
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.record import TopicRecord
from tests.feature_writer.shoppers import NOW, NOW_S, TOPIC, state, value


@dataclass
class Bench:
    """One topic, one store; `writer()` is a new process over both."""

    records: list[TopicRecord] = field(default_factory=list)
    rows: InMemoryRows = field(default_factory=InMemoryRows)
    dead_letters: InMemoryDeadLetters = field(default_factory=InMemoryDeadLetters)
    committed: dict[str, object] = field(default_factory=lambda: {"offset": 0, "life": ""})
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))

    def send(self, user_id: str, stored: bytes | None) -> None:
        self.records.append(TopicRecord(TOPIC, 0, len(self.records), f"grocer|{user_id}".encode(), stored, NOW_S - 0.5))

    def writer(self, batch: int = 100) -> FeatureWriter:
        inbox = InMemoryInbox(self.records, self.committed, batch)
        return FeatureWriter(inbox, self.rows, self.dead_letters, self.metrics, lambda: NOW)

    def stored(self) -> dict[str, int]:
        return {key.removeprefix("grocer|"): int(str(row.columns["n_events"])) for key, row in self.rows.rows.items()}


def test_the_newest_state_of_each_shopper_is_stored() -> None:
    bench = Bench()
    for n in (1, 2, 3):
        bench.send("a", value(n))
    bench.send("b", value(1))
    bench.writer().step()
    assert bench.stored() == {"a": 3, "b": 1}
    assert bench.rows.rows["grocer|a"].columns == shopper.columns(state(3))


def test_a_tombstone_deletes_and_a_later_state_brings_back() -> None:
    bench = Bench()
    bench.send("a", value(1))
    writer = bench.writer()
    writer.step()
    bench.send("a", None)
    writer.step()
    assert bench.stored() == {}
    bench.send("a", value(2))
    writer.step()
    assert bench.stored() == {"a": 2}


@pytest.mark.parametrize(
    "poison",
    [b"", b"garbage", msgpack.packb([9, [], []]), msgpack.packb([1, 2, 3]), msgpack.packb([1, [1, "x", [], 7], [1.0, []]])],
)
def test_an_unreadable_record_becomes_a_dead_letter_with_its_reason_and_the_rest_continues(poison: bytes) -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.send("bad", poison)
    bench.send("b", value(1))
    bench.writer().step()
    assert bench.stored() == {"a": 1, "b": 1}
    (letter,) = bench.dead_letters.letters
    assert (letter.record_key(), letter.value, letter.key) == (f"{TOPIC}:0:1".encode(), poison, b"grocer|bad")
    assert letter.reason
    assert bench.committed["offset"] == 3


def test_a_row_the_store_cannot_hold_does_not_take_its_batch_with_it() -> None:
    @dataclass
    class Picky(InMemoryRows):
        def write(self, rows: Sequence[ShopperRow]) -> None:
            if any(row.shopper_key == "grocer|u3" for row in rows):
                raise TypeError("u3 is of the wrong type")
            super().write(rows)

    bench = Bench(rows=Picky())
    for n in range(8):
        bench.send(f"u{n}", value(1))
    bench.writer().step()
    assert bench.stored() == {f"u{n}": 1 for n in range(8) if n != 3}
    assert [letter.key for letter in bench.dead_letters.letters] == [b"grocer|u3"]


def test_nothing_is_committed_while_the_store_is_away_and_all_is_stored_when_it_is_back() -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.rows.down = True
    writer = bench.writer()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            writer.step()
    assert bench.committed["offset"] == 0
    bench.rows.down = False
    writer.step()
    assert (bench.stored(), bench.committed["offset"]) == ({"a": 1}, 1)


@pytest.mark.parametrize("broken", ["life", "delete"])
def test_an_unexpected_error_loses_no_record(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.send("b", value(1))
    writer = bench.writer(batch=1)
    with monkeypatch.context() as while_broken:
        while_broken.setattr(bench.rows, broken, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            writer.step()
    writer.step()
    writer.step()
    assert (bench.stored(), bench.committed["offset"]) == ({"a": 1, "b": 1}, 2)


@given(
    sent=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=30),
    crashes=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["none", "before write", "before commit", "store"])), max_size=8
    ),
)
def test_crashes_of_writer_and_store_end_in_the_same_rows(sent: list[tuple[str, int]], crashes: list[tuple[int, str]]) -> None:
    bench = Bench()
    for user_id, n_events in sent:
        bench.send(user_id, value(n_events) if n_events else None)
    for n_steps, crash in crashes:
        writer = bench.writer(batch=3)
        for _ in range(n_steps):
            writer.step()
        crash_once(bench, crash)
    writer = bench.writer(batch=3)
    for _ in range(2 * len(sent) + 2):
        writer.step()
    assert bench.stored() == {user_id: n for user_id, n in dict(sent).items() if n}
    assert bench.committed["offset"] == len(sent)


def crash_once(bench: Bench, crash: str) -> None:
    if crash == "store":
        bench.rows.restart_empty()
    if crash == "before commit":
        for record in InMemoryInbox(bench.records, bench.committed, 3).poll(0):
            if record.value is not None:
                bench.rows.write([row_of(record)])


def test_a_store_that_restarts_between_write_and_commit_is_written_again() -> None:
    class DiesOnce(InMemoryRows):
        def write(self, rows: Sequence[ShopperRow]) -> None:
            super().write(rows)
            if self.n_lives == 1:
                self.restart_empty()

    bench = Bench(rows=DiesOnce())
    bench.send("a", value(1))
    writer = bench.writer()
    writer.step()
    assert bench.committed["offset"] == 0
    writer.step()
    assert (bench.stored(), bench.committed) == ({"a": 1}, {"offset": 1, "life": "2"})


def test_freshness_and_outcomes_are_measured() -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.send("a", value(2))
    bench.writer().step()
    sample = bench.metrics.registry.get_sample_value
    assert sample("recommndr_feature_writer_freshness_seconds_sum", {"tenant": "grocer"}) == pytest.approx(1.0)
    assert sample("recommndr_feature_writer_topic_to_store_seconds_sum") == pytest.approx(0.5)
    assert sample("recommndr_feature_writer_records_total", {"outcome": "written"}) == 1
    assert sample("recommndr_feature_writer_records_total", {"outcome": "superseded"}) == 1


def test_the_store_in_memory_says_when_it_is_away() -> None:
    with pytest.raises(StoreUnavailable):
        InMemoryRows(down=True).write([])


def test_a_row_that_a_seed_wrote_does_not_count_for_freshness() -> None:
    bench = Bench()
    bench.send("a", value(1))
    writer = FeatureWriter(
        InMemoryInbox(bench.records), bench.rows, bench.dead_letters, bench.metrics, lambda: NOW + timedelta(days=1)
    )
    writer.step()
    sample = bench.metrics.registry.get_sample_value
    assert sample("recommndr_feature_writer_records_total", {"outcome": "written"}) == 1
    assert sample("recommndr_feature_writer_freshness_seconds_count", {"tenant": "grocer"}) is None
