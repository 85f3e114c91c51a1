"""The writer over an inbox and rows in memory: crashes, outages and poison are inputs."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.features import guests, purchased_items, seen_items, user
from recommndr.features.guests import Guest
from recommndr_feature_writer.metrics import Metrics
from recommndr_feature_writer.online_rows import InMemoryRows, StoreUnavailable
from recommndr_feature_writer.position import Batch, Position
from recommndr_feature_writer.reading import MAX_UNREADABLE
from recommndr_feature_writer.writer import FeatureWriter, Unreadable
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.group_inbox import InMemoryInbox
from recommndr_tail.record import PartitionId, TopicRecord
from tests.feature_writer.shoppers import NOW, NOW_S, TOPIC, key, state, value

PLACE = (TOPIC, 0)


@dataclass
class Bench:
    """One topic, one store; `writer()` is a new process over both."""

    records: list[TopicRecord] = field(default_factory=list)
    rows: InMemoryRows = field(default_factory=InMemoryRows)
    dead_letters: InMemoryDeadLetters = field(default_factory=InMemoryDeadLetters)
    committed: dict[PartitionId, int] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))

    def send(self, user_id: str, stored: bytes | None, received_at_s: float | None = None) -> None:
        key = f"grocer|{user_id}".encode()
        self.records.append(TopicRecord(*PLACE, len(self.records), key, stored, NOW_S - 0.5, received_at_s))

    def writer(self, batch: int = 100, topic_id: str = "first") -> FeatureWriter:
        inbox = InMemoryInbox(self.records, {PLACE}, batch, topic_id, committed=self.committed)
        return FeatureWriter(inbox, self.rows, self.dead_letters, self.metrics, lambda: NOW)

    @property
    def reached(self) -> int:
        return self.rows.at[PLACE].offset if PLACE in self.rows.at else 0

    def count(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    def stored(self) -> dict[str, int]:
        rows = self.rows.rows.items()
        return {of.shopper_key.removeprefix("grocer|"): int(str(row.columns["n_events"])) for of, row in rows}


def test_the_newest_state_of_each_shopper_is_stored() -> None:
    bench = Bench()
    for n in (1, 2, 3):
        bench.send("a", value(n))
    bench.send("b", value(1))
    bench.writer().step()
    assert bench.stored() == {"a": 3, "b": 1}
    assert bench.rows.rows[key("a")].columns == user.columns(state(3).user)


def test_each_group_of_a_shopper_has_a_row_of_its_own() -> None:
    bench, buyer = Bench(), state(3)
    places = [(topic.name, 0) for topic in topics.SHOPPER_ROWS]
    values: tuple[bytes, ...] = (user.to_bytes(buyer.user), purchased_items.to_bytes(buyer.purchased))
    values += (seen_items.to_bytes(b"seen"), guests.to_bytes((Guest(1.0, "g1"),)))
    for (topic, partition), stored in zip(places, values, strict=True):
        bench.records.append(TopicRecord(topic, partition, 0, b"grocer|a", stored, NOW_S))
    writer = bench.writer()
    writer.inbox = InMemoryInbox(bench.records, places=set(places))
    writer.step()
    rows = bench.rows.rows
    assert rows[key("a")].columns == user.columns(buyer.user)
    assert rows[key("a", "purchased_items")].columns == purchased_items.columns(buyer.purchased)
    assert rows[key("a", "seen_items")].columns == seen_items.columns(b"seen")
    assert rows[key("a", "guests")].columns == {"guest_ids": ["g1"]}
    bench.records.append(TopicRecord(*places[1], 1, b"grocer|a", None, NOW_S))
    writer.step()
    assert set(rows) == {key("a"), key("a", "seen_items"), key("a", "guests")}


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
    assert bench.reached == 3


def test_nothing_moves_while_the_store_is_away_and_all_is_stored_when_it_is_back() -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.rows.down = True
    writer = bench.writer()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            writer.step()
    assert (bench.reached, bench.committed, bench.dead_letters.letters) == (0, {}, [])
    bench.rows.down = False
    writer.step()
    assert (bench.stored(), bench.reached, bench.committed) == ({"a": 1}, 1, {PLACE: 1})


@pytest.mark.parametrize("broken", ["positions", "write"])
def test_an_unexpected_error_loses_no_record(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.send("b", value(1))
    writer = bench.writer(batch=1)
    with monkeypatch.context() as while_broken:
        while_broken.setattr(bench.rows, broken, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            writer.step()
    for _ in range(3):
        writer.step()
    assert (bench.stored(), bench.reached) == ({"a": 1, "b": 1}, 2)


SENT = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=30)


@given(
    sent=SENT,
    crashes=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["writer", "store emptied", "store older"])), max_size=8),
)
def test_crashes_of_writer_and_store_end_in_the_same_rows(sent: list[tuple[str, int]], crashes: list[tuple[int, str]]) -> None:
    bench = Bench()
    for user_id, n_events in sent:
        bench.send(user_id, value(n_events) if n_events else None)
    writer = bench.writer(batch=3)
    for n_steps, crash in crashes:
        before = (dict(bench.rows.rows), dict(bench.rows.at))
        for _ in range(n_steps):
            writer.step()
        if crash == "writer":
            writer = bench.writer(batch=3)
        if crash == "store emptied":
            bench.rows.empty()
        if crash == "store older":  # restarted without its last seconds
            bench.rows.rows, bench.rows.at = before
    for _ in range(2 * len(sent) + 2):
        writer.step()
    assert bench.stored() == {user_id: n for user_id, n in dict(sent).items() if n}
    assert bench.reached == len(sent)


@given(sent=SENT, turns=st.lists(st.tuples(st.integers(0, 1), st.booleans()), max_size=40))
def test_an_older_row_never_overwrites_a_newer_one_whatever_two_writers_do(
    sent: list[tuple[str, int]], turns: list[tuple[int, bool]]
) -> None:
    """Both read the same partition, each may stand still between reading and writing, and the store may be emptied."""

    @dataclass
    class Interrupted(InMemoryRows):
        meanwhile: Callable[[], None] | None = None

        def write(self, batch: Batch) -> None:
            if self.meanwhile:
                act, self.meanwhile = self.meanwhile, None
                act()
            super().write(batch)

    rows = Interrupted()
    bench = Bench(rows=rows)
    for user_id, n_events in sent:
        bench.send(user_id, value(n_events) if n_events else None)
    writers = [bench.writer(batch=2), bench.writer(batch=3)]
    for turn, interrupted in turns:
        rows.meanwhile = writers[1 - turn].step if interrupted else None
        reached = bench.reached
        writers[turn].step()
        assert bench.reached >= reached
        known = dict(sent[: bench.reached])
        assert bench.stored() == {user_id: n for user_id, n in known.items() if n}
    for _ in range(2 * len(sent) + 2):
        writers[0].step()
    assert bench.stored() == {user_id: n for user_id, n in dict(sent).items() if n}


def test_an_emptied_store_is_noticed_while_nothing_arrives() -> None:
    bench = Bench()
    bench.send("a", value(1))
    writer = bench.writer()
    writer.step()
    bench.rows.empty()
    writer.step()
    writer.step()
    assert bench.stored() == {"a": 1}
    assert bench.count("recommndr_feature_writer_rewinds_total") == 1


def test_a_restart_over_an_intact_store_reads_nothing_again() -> None:
    bench = Bench()
    for n in range(10):
        bench.send(f"u{n}", value(1))
    bench.writer().step()
    bench.send("late", value(1))
    restarted = bench.writer()
    for _ in range(3):
        restarted.step()
    assert bench.count("recommndr_feature_writer_records_total", outcome="written") == 11
    assert bench.count("recommndr_feature_writer_rewinds_total") == 0


@pytest.mark.parametrize("restarted", [True, False])
def test_a_topic_that_was_created_anew_is_read_from_its_beginning(restarted: bool) -> None:
    bench = Bench()
    for n in range(3):
        bench.send(f"u{n}", value(1))
    writer = bench.writer()
    writer.step()
    bench.records.clear()
    bench.send("u0", value(2))
    if restarted:
        writer = bench.writer(topic_id="second")
    else:
        writer.inbox = InMemoryInbox(bench.records, {PLACE}, topic_id="second")
    writer.step()
    writer.step()
    assert bench.stored() == {"u0": 2, "u1": 1, "u2": 1}
    assert bench.rows.at[PLACE] == Position("second", 1)


def test_a_partition_that_comes_back_is_read_from_the_stores_position_wherever_kafka_begins() -> None:
    bench = Bench()
    for n in range(6):
        bench.send(f"u{n}", value(1))
    writer, inbox = bench.writer(), InMemoryInbox(bench.records, {PLACE}, batch=2)
    writer.inbox = inbox
    writer.step()
    inbox.nth += 1
    inbox.seek(PLACE, 5)  # what was committed before the store lost rows
    for _ in range(3):
        writer.step()
    assert bench.stored() == {f"u{n}": 1 for n in range(6)}
    assert bench.count("recommndr_feature_writer_rewinds_total") == 0  # nothing was lost


def test_a_partition_that_another_writer_has_now_is_left_alone() -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.rows.down = True
    writer = bench.writer()
    with pytest.raises(StoreUnavailable):
        writer.step()  # it has read the record
    bench.rows.down = False
    writer.inbox = InMemoryInbox(bench.records, places=set())
    writer.step()
    assert bench.stored() == {}


def test_a_dead_letter_is_safe_before_the_position_moves_past_it() -> None:
    class NotNow(InMemoryDeadLetters):
        def flush(self) -> None:
            raise KafkaTimeoutError("no broker")

    bench = Bench(dead_letters=NotNow())
    bench.send("bad", b"garbage")
    with pytest.raises(KafkaTimeoutError):
        bench.writer().step()
    assert bench.reached == 0


UNKNOWN_FORMAT = msgpack.packb([99, [], []])


def test_many_unreadable_records_in_a_row_wait_until_a_writer_can_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer older than Flink's job: what it cannot read is no damage."""
    bench = Bench()
    bench.send("before", value(1))
    for n in range(3 * MAX_UNREADABLE):
        bench.send(f"u{n}", UNKNOWN_FORMAT)
    writer = bench.writer()
    for _ in range(3):
        with pytest.raises(Unreadable, match=r"offset 1: ValueError: user state of .* format 99"):
            writer.step()
    assert (bench.stored(), bench.reached, bench.dead_letters.letters) == ({"before": 1}, 1, [])
    assert bench.count("recommndr_feature_writer_held_partitions") == 1
    newer = bench.writer()
    monkeypatch.setattr(user, "from_bytes", lambda _: state(2).user)
    newer.step()
    assert bench.stored() == {"before": 1} | {f"u{n}": 2 for n in range(3 * MAX_UNREADABLE)}
    assert bench.count("recommndr_feature_writer_held_partitions") == 0


def test_unreadable_records_that_come_one_by_one_are_counted_too_and_a_readable_one_ends_the_wait() -> None:
    bench = Bench()
    writer = bench.writer()
    for n in range(MAX_UNREADABLE - 1):
        bench.send(f"u{n}", UNKNOWN_FORMAT)
        writer.step()
    bench.send("last", UNKNOWN_FORMAT)
    for _ in range(3):
        with pytest.raises(Unreadable):
            writer.step()
    assert bench.reached == len(bench.dead_letters.letters) == MAX_UNREADABLE - 1
    bench.send("gone", None)  # any writer can read a tombstone
    with pytest.raises(Unreadable):
        writer.step()
    bench.send("a", value(1))
    writer.step()
    assert bench.stored() == {"a": 1}
    assert len(bench.dead_letters.letters) == MAX_UNREADABLE


def test_a_partition_that_waits_does_not_hold_up_others() -> None:
    bench = Bench()
    for n in range(MAX_UNREADABLE):
        bench.send(f"u{n}", UNKNOWN_FORMAT)
    bench.records.append(TopicRecord(TOPIC, 1, 0, b"grocer|other", value(1), NOW_S))
    writer = bench.writer()
    inbox = InMemoryInbox(bench.records, places={PLACE, (TOPIC, 1)}, committed=bench.committed)
    writer.inbox = inbox
    for _ in range(2):
        with pytest.raises(Unreadable):
            writer.step()
    assert bench.stored() == {"other": 1}
    assert bench.committed == {(TOPIC, 1): 1}
    inbox.places.remove(PLACE)  # another writer takes it over
    writer.step()
    assert bench.count("recommndr_feature_writer_held_partitions") == 0


def test_a_store_that_refuses_a_batch_again_and_again_costs_one_dead_letter() -> None:
    class Full(InMemoryRows):
        def write(self, batch: Batch) -> None:
            raise StoreUnavailable("out of memory")

    bench = Bench(rows=Full())
    bench.send("bad", b"garbage")
    writer = bench.writer()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            writer.step()
    assert len(bench.dead_letters.letters) == 1


def test_freshness_is_measured_from_the_collectors_receipt_whatever_the_clients_clock_said() -> None:
    bench = Bench()
    bench.send("a", value(1), NOW_S - 0.9)
    bench.send("a", value(2), NOW_S - 0.75)  # its newest event says that it happened a second ago
    bench.writer().step()
    sample = bench.metrics.registry.get_sample_value
    assert sample("recommndr_feature_writer_freshness_seconds_sum", {"tenant": "grocer"}) == pytest.approx(0.75)
    assert sample("recommndr_feature_writer_topic_to_store_seconds_sum") == pytest.approx(0.5)
    assert sample("recommndr_feature_writer_records_total", {"outcome": "written"}) == 1
    assert sample("recommndr_feature_writer_records_total", {"outcome": "superseded"}) == 1


def test_the_store_in_memory_says_when_it_is_away() -> None:
    with pytest.raises(StoreUnavailable):
        InMemoryRows(down=True).write(Batch())


def test_a_row_that_a_seed_wrote_does_not_count_for_freshness() -> None:
    bench = Bench()
    bench.send("a", value(1))
    bench.writer().step()
    sample = bench.metrics.registry.get_sample_value
    assert sample("recommndr_feature_writer_records_total", {"outcome": "written"}) == 1
    assert sample("recommndr_feature_writer_freshness_seconds_count", {"tenant": "grocer"}) is None
