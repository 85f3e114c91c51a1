"""A follower reads all of its topics, in order per partition, once per record that was taken, whatever breaks meanwhile."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import Topic
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from recommndr_tail.follower import Batches, Follower, has_read
from tests.patience import eventually

_PARTITIONS = 2


class Broken(Exception):
    """What a reader of these tests raises."""


@dataclass
class Recording:
    """Keeps what it is given, by partition; raises when it is told to."""

    taken: dict[tuple[str, int], list[bytes]] = field(default_factory=lambda: defaultdict(list))
    n_connected: int = 0
    breaks_in_take: bool = False
    breaks_in_polled: bool = False
    at_end: bool = False

    def connected(self, consumer: KafkaConsumer) -> None:
        self.n_connected += 1

    def take(self, batches: Batches) -> None:
        if self.breaks_in_take:
            self.breaks_in_take = False
            raise Broken
        for partition, batch in batches.items():
            self.taken[partition.topic, partition.partition] += [record.value for record in batch]

    def polled(self, consumer: KafkaConsumer) -> None:
        if self.breaks_in_polled and self.taken:
            self.breaks_in_polled = False
            raise Broken
        self.at_end = has_read(consumer, consumer.end_offsets(consumer.assignment()))


@dataclass(frozen=True)
class Followed:
    """A follower of topics that only its test knows."""

    kafka: KafkaAccess
    topics: tuple[Topic, ...]
    follower: Follower
    reader: Recording

    def create_topics(self) -> None:
        ensure_topics(self.kafka, self.topics)

    def delete_topics(self) -> None:
        names = [topic.name for topic in self.topics]
        with closing(KafkaAdminClient(**self.kafka.options())) as admin:
            admin.delete_topics(names)
            eventually(lambda: not set(names) & set(admin.list_topics()), "the topics are gone")

    def write(self, *values: bytes, partition: int = 0, topic: int = 0) -> None:
        with closing(KafkaProducer(**self.kafka.options())) as producer:
            for value in values:
                producer.send(self.topics[topic].name, value, partition=partition)

    def read(self) -> list[bytes]:
        """What is taken from the first partition until everything is read; stepped as a background loop would."""
        self.reader.at_end = False
        eventually(self._stepped, "the follower is at the end of its topics", every_s=0.0)
        return self.reader.taken[self.topics[0].name, 0]

    def _stepped(self) -> bool:
        try:
            self.follower.step()
        except Broken:
            return False
        return self.reader.at_end


@contextmanager
def following(kafka: KafkaAccess, n_topics: int = 1) -> Iterator[Followed]:
    name, reader = f"followed-{uuid4()}", Recording()
    topics = tuple(Topic(f"{name}-{n}", "", "", partitions=_PARTITIONS) for n in range(n_topics))
    follower = Follower("test", kafka, "recommndr-test", [topic.name for topic in topics], reader)
    try:
        yield Followed(kafka, topics, follower, reader)
    finally:
        follower.close()


@pytest.fixture
def followed(kafka_bootstrap: str) -> Iterator[Followed]:
    with following(KafkaAccess(kafka_bootstrap)) as found:
        found.create_topics()
        yield found


@pytest.mark.integration
def test_it_reads_every_partition_of_every_topic_from_the_beginning(kafka_bootstrap: str) -> None:
    with following(KafkaAccess(kafka_bootstrap), n_topics=2) as followed:
        followed.create_topics()
        for topic in range(2):
            for partition in range(_PARTITIONS):
                followed.write(b"1", b"2", b"3", topic=topic, partition=partition)
        followed.read()
        names = [topic.name for topic in followed.topics]
        assert followed.reader.taken == {(name, n): [b"1", b"2", b"3"] for name in names for n in range(_PARTITIONS)}


BREAKS: dict[str, Callable[[Followed], None]] = {
    "the connection breaks": lambda followed: followed.follower.close(),
    "taking fails": lambda followed: setattr(followed.reader, "breaks_in_take", True),
    "what follows a poll fails": lambda followed: setattr(followed.reader, "breaks_in_polled", True),
    "nothing": lambda followed: None,
}


@pytest.mark.integration
@settings(max_examples=10)
@given(rounds=st.lists(st.tuples(st.sampled_from(sorted(BREAKS)), st.integers(0, 3), st.integers(0, 3)), max_size=4))
def test_whatever_breaks_each_record_is_taken_once_and_in_order(
    kafka_bootstrap: str, rounds: list[tuple[str, int, int]]
) -> None:
    with following(KafkaAccess(kafka_bootstrap)) as followed:
        followed.create_topics()
        written: dict[tuple[str, int], list[bytes]] = defaultdict(list)
        for what, *sizes in rounds:
            BREAKS[what](followed)
            for partition, n in enumerate(sizes):
                values = [uuid4().bytes for _ in range(n)]
                followed.write(*values, partition=partition)
                written[followed.topics[0].name, partition] += values
            followed.read()
        assert {place: taken for place, taken in followed.reader.taken.items() if taken} == {
            place: values for place, values in written.items() if values
        }


@pytest.mark.integration
def test_a_new_connection_is_told_once_and_after_an_error_there_is_a_new_one(followed: Followed) -> None:
    followed.write(b"1")
    followed.read()
    followed.read()
    assert followed.reader.n_connected == 1
    followed.reader.breaks_in_polled = True
    followed.read()
    assert followed.reader.n_connected == 2


@pytest.mark.integration
def test_it_waits_for_its_topics(kafka_bootstrap: str) -> None:
    with following(KafkaAccess(kafka_bootstrap)) as followed:
        threads = set(threading.enumerate())
        with pytest.raises(KafkaError, match=f"{followed.topics[0].name}.*do not exist yet"):
            followed.follower.step()
        assert set(threading.enumerate()) <= threads
        followed.create_topics()
        followed.write(b"1")
        assert followed.read() == [b"1"]


@pytest.mark.integration
def test_a_topic_that_was_created_again_is_read_from_its_beginning(followed: Followed) -> None:
    followed.write(b"1", b"2", b"3")
    assert followed.read() == [b"1", b"2", b"3"]
    followed.follower.close()
    followed.delete_topics()
    followed.create_topics()
    followed.write(b"a")
    assert followed.read() == [b"1", b"2", b"3", b"a"]


def test_without_a_broker_a_step_raises_and_leaves_no_thread_behind() -> None:
    with following(KafkaAccess(f"127.0.0.1:{free_port()}")) as followed:
        threads = set(threading.enumerate())
        with pytest.raises(OSError, match="refused"):
            followed.follower.step()
        assert set(threading.enumerate()) <= threads
