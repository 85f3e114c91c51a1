"""What a topic holds, for tests that look at what a service wrote."""

from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import Topic

Ends = dict[TopicPartition, int]


def _places(topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]


def topic_ends(kafka: KafkaAccess, topic: Topic) -> Ends:
    """Where each partition ends now: what other tests wrote to a shared broker lies before."""
    with closing(KafkaConsumer(**kafka.options())) as consumer:
        found: Ends = consumer.end_offsets(_places(topic))
        return found


def topic_records(kafka: KafkaAccess, topic: Topic, since: Ends | None = None) -> list[Any]:
    """The records from `since`, or from the beginning, up to the topic's end now; those of one partition are in order."""
    found: list[Any] = []
    with closing(KafkaConsumer(**kafka.options(), group_id=None, auto_offset_reset="earliest")) as consumer:
        places = _places(topic)
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        for place, offset in (since or {}).items():
            consumer.seek(place, offset)
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(200).values():
                found += records
    return found
