"""Reads a topic to where it ends now, for commands."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import Topic
from recommndr_tail.connect import check_reachable


def open_reader(kafka: KafkaAccess) -> KafkaConsumer:
    """A consumer without a group; close it. Raises `KafkaError` or `OSError` when no broker answers."""
    check_reachable(kafka)
    return KafkaConsumer(
        **kafka.options(), auto_offset_reset="earliest", enable_auto_commit=False, allow_auto_create_topics=False
    )


def records(consumer: KafkaConsumer, topic: Topic, since: datetime | None = None) -> Iterator[Any]:
    """All records that the topic has now, or those written at `since` or later; partition by partition in order."""
    places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    if since is None:
        consumer.seek_to_beginning(*places)
    else:
        found = consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1_000)))
        for place in places:
            consumer.seek(place, ends[place] if found[place] is None else found[place].offset)
    while any(consumer.position(place) < end for place, end in ends.items()):
        for batch in consumer.poll(timeout_ms=250).values():
            yield from batch
