"""The tail of outcomes: sums as of the newest record of each key."""

from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition

from recommndr.identity import TenantId
from recommndr.kafka_access import KafkaAccess
from recommndr.outcomes.act import Label
from recommndr.outcomes.partial import Partial, PartialKey, Sums
from recommndr.outcomes.totals import Of
from recommndr.topics import OUTCOMES
from recommndr_tail.outcomes_tail import STALE_AFTER_S, OutcomesTail

HERE = TopicPartition(OUTCOMES.name, 0)
KEY = PartialKey(TenantId("grocer"), Label("v1", "stable", "recommend"), 20_000, 1, 3)
OF = Of("grocer", KEY.label)


@dataclass
class Consumer:
    """A connection that has read up to `at` of `end` records."""

    at: int = 0
    end: int = 3

    def assignment(self) -> set[TopicPartition]:
        return {HERE}

    def end_offsets(self, partitions: set[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.end)

    def position(self, partition: TopicPartition) -> int:
        return self.at


@dataclass
class Record:
    """One record of the topic."""

    key: bytes | None
    value: bytes | None
    offset: int = 0


def tail_of(*records: Record) -> OutcomesTail:
    tail = OutcomesTail(KafkaAccess("127.0.0.1:1"), "test", lambda: 7.0)
    taken: Any = list(records)
    tail.take({HERE: taken})
    return tail


def clicks(n: int) -> bytes:
    return Partial(1, {"clicks": Sums(n, n * n, 0)}).to_bytes()


def test_the_newest_record_of_each_key_counts_and_a_tombstone_removes_it() -> None:
    other = KEY._replace(bucket=4).to_bytes()
    tail = tail_of(Record(KEY.to_bytes(), clicks(1)), Record(other, clicks(5)), Record(KEY.to_bytes(), clicks(2)))
    assert tail.newest(9) == [(OF, Partial(2, {"clicks": Sums(7, 29, 0)}))]
    tail.take({HERE: [Record(other, None)]})
    assert tail.newest(9) == [(OF, Partial(1, {"clicks": Sums(2, 4, 0)}))]


def test_an_arm_has_its_sums_by_list_while_they_are_known() -> None:
    now_s = 7.0
    tail = OutcomesTail(KafkaAccess("127.0.0.1:1"), "test", lambda: now_s)
    popular = KEY._replace(label=Label("v1", "stable", "popular"))
    others = [
        KEY._replace(label=Label("v2", "stable", "recommend")),
        KEY._replace(label=Label("v1", "challenger", "recommend")),
        KEY._replace(tenant=TenantId("books")),
    ]
    records: Any = [Record(one.to_bytes(), clicks(n)) for n, one in enumerate((KEY, popular, *others), 1)]
    tail.take({HERE: records})
    assert tail.of_arm("grocer", "v1", "stable") == {}  # it may not have read everything yet
    tail.polled(Consumer())
    assert {name: sums.sums["clicks"].n for name, sums in tail.of_arm("grocer", "v1", "stable").items()} == {
        "recommend": 1,
        "popular": 2,
    }
    assert tail.of_arm("grocer", "v9", "stable") == {}
    now_s += STALE_AFTER_S + 0.1
    assert tail.of_arm("grocer", "v1", "stable") == {}


def test_an_unreadable_record_is_passed_over() -> None:
    tail = tail_of(
        Record(b"grocer|x", clicks(9)), Record(None, None), Record(KEY.to_bytes(), b"{"), Record(KEY.to_bytes(), clicks(2))
    )
    assert tail.n_unreadable == 3
    assert tail.newest(9)[0][1].sums["clicks"].n == 2


def test_sums_are_known_once_everything_of_the_start_has_been_read() -> None:
    tail, consumer = tail_of(), Consumer()
    tail.connected(consumer)
    tail.polled(consumer)
    assert tail.read_at_s is None
    consumer.at = 3
    tail.polled(consumer)
    assert tail.read_at_s == 7.0
    consumer.end = 9
    tail.connected(consumer)
    tail.polled(consumer)
    assert tail.read_at_s == 7.0
