"""Reads catalogue, availability and item features from Kafka into the live item tables while the slot runs.

`ready` is true once the topics are read to their ends at start. Unreadable records are counted, logged and skipped.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import kafka
from kafka import TopicPartition

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import AVAILABILITY, CATALOG
from recommndr_background.work import Work
from recommndr_serving.live.item_feed import Apply, ItemFeed
from recommndr_serving.live.item_records import TAILED
from recommndr_serving.metrics import Metrics
from recommndr_tail.follower import Batches, Ends, Follower, has_read

_LAG_EVERY_N_POLLS = 10


@dataclass
class _Awaited:
    """The offsets that a connection must reach before the next step; emptied when they are reached."""

    sold_out: Ends  # to reach before the catalogue is read
    catalogue: Sequence[TopicPartition]
    all: Ends  # to reach before the slot is ready


class Tails:
    """Passes decoded records to `apply`, in order per key, and waits for it before it reads on."""

    def __init__(self, kafka: KafkaAccess, apply: Apply, metrics: Metrics) -> None:
        self._follower = Follower("tails", kafka, "recommndr-serving-tails", TAILED, self)
        self._feed = ItemFeed(apply, metrics)
        self._metrics = metrics
        self._ready = threading.Event()
        self._awaited = _Awaited({}, (), {})
        self._n_polls = 0

    @property
    def ready(self) -> bool:
        """Whether all records that existed at start have been applied."""
        return self._ready.is_set()

    @property
    def work(self) -> Work:
        """The tails' step for a background loop."""
        return self._follower.work

    def connected(self, consumer: kafka.KafkaConsumer) -> None:
        """See `Reader.connected`. The catalogue is paused."""
        ends = consumer.end_offsets(consumer.assignment())
        # Items are shown once they are in the catalogue, so sold-out items must be known before the catalogue is read.
        sold_out = {partition: end for partition, end in ends.items() if partition.topic == AVAILABILITY.name}
        catalogue = [partition for partition in ends if partition.topic == CATALOG.name]
        consumer.pause(*catalogue)
        self._awaited = _Awaited(sold_out, catalogue, ends)

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        self._feed.take([record for batch in batches.values() for record in batch])
        for partition, batch in batches.items():
            self._metrics.tail_records.labels(partition.topic).inc(len(batch))

    def polled(self, consumer: kafka.KafkaConsumer) -> None:
        """See `Reader.polled`. The catalogue starts once availability has been read."""
        awaited = self._awaited
        if awaited.catalogue and has_read(consumer, awaited.sold_out):
            consumer.resume(*awaited.catalogue)
            awaited.catalogue = ()
        if awaited.all and has_read(consumer, awaited.all):
            awaited.all = {}
            self._ready.set()
        self._n_polls += 1
        if self._n_polls % _LAG_EVERY_N_POLLS == 0:
            self._report_lag(consumer)

    def _report_lag(self, consumer: kafka.KafkaConsumer) -> None:
        lag = dict.fromkeys(TAILED, 0)
        for partition in consumer.assignment():
            lag[partition.topic] += max(0, (consumer.highwater(partition) or 0) - consumer.position(partition))
        for topic, n_records in lag.items():
            self._metrics.tail_lag.labels(topic).set(n_records)
