"""Tails catalogue, availability and item features from Kafka into the live item tables, for ever.

`ready` once all was read up to the ends seen at start. A record that cannot be read or applied is counted, logged and skipped.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import kafka
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import AVAILABILITY, CATALOG
from recommndr_background.work import Work
from recommndr_serving.live.item_records import TAILED, ItemRecord, decode
from recommndr_serving.metrics import Metrics
from recommndr_tail.follower import Batches, Ends, Follower, has_read

log = logging.getLogger(__name__)

_LAG_EVERY_N_POLLS = 10

Apply = Callable[[Sequence[ItemRecord]], None]


@dataclass
class _Awaited:
    """How far a connection has to read before something else may happen; emptied when it has."""

    sold_out: Ends  # before the catalogue is read
    catalogue: Sequence[TopicPartition]
    all: Ends  # before the slot is ready


class Tails:
    """Hands decoded records to `apply`, in order per key, and waits for it before it reads on."""

    def __init__(self, kafka: KafkaAccess, apply: Apply, metrics: Metrics) -> None:
        self._follower = Follower("tails", kafka, "recommndr-serving-tails", TAILED, self)
        self._apply = apply
        self._metrics = metrics
        self._ready = threading.Event()
        self._awaited = _Awaited({}, (), {})
        self._n_polls = 0

    @property
    def ready(self) -> bool:
        """Whether everything that was there at start has been applied."""
        return self._ready.is_set()

    @property
    def work(self) -> Work:
        """For a background loop."""
        return self._follower.work

    def connected(self, consumer: kafka.KafkaConsumer) -> None:
        """See `Reader.connected`; the catalogue waits."""
        ends = consumer.end_offsets(consumer.assignment())
        # Nothing is shown before it is catalogued, so what is sold out must be known before the catalogue is read.
        sold_out = {partition: end for partition, end in ends.items() if partition.topic == AVAILABILITY.name}
        catalogue = [partition for partition in ends if partition.topic == CATALOG.name]
        consumer.pause(*catalogue)
        self._awaited = _Awaited(sold_out, catalogue, ends)

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        self._put([(record, decoded) for batch in batches.values() for record in batch if (decoded := self._decode(record))])
        for partition, batch in batches.items():
            self._metrics.tail_records.labels(partition.topic).inc(len(batch))

    def polled(self, consumer: kafka.KafkaConsumer) -> None:
        """See `Reader.polled`; the catalogue follows what is sold out."""
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

    def _put(self, records: Sequence[tuple[ConsumerRecord, ItemRecord]]) -> None:
        try:
            self._apply([decoded for _, decoded in records])
        except Exception:
            # One of them is bad. Applying a record twice changes nothing, so the good ones are found one by one.
            for record, decoded in records:
                try:
                    self._apply([decoded])
                except Exception as cause:  # whatever it raises, the others go on
                    self._skip(record, cause)

    def _decode(self, record: ConsumerRecord) -> ItemRecord | None:
        try:
            return decode(record.topic, record.key, record.value)
        except Exception as cause:  # whatever broken bytes raise
            self._skip(record, cause)
            return None

    def _skip(self, record: ConsumerRecord, cause: Exception) -> None:
        self._metrics.tail_poison.labels(record.topic).inc()
        where = f"{record.topic}:{record.partition}:{record.offset}"
        # Decoding says so by `ValueError`; anything else nobody expected.
        log.warning("tails: skipped %s: %s", where, cause, exc_info=None if isinstance(cause, ValueError) else cause)

    def _report_lag(self, consumer: kafka.KafkaConsumer) -> None:
        lag = dict.fromkeys(TAILED, 0)
        for partition in consumer.assignment():
            lag[partition.topic] += max(0, (consumer.highwater(partition) or 0) - consumer.position(partition))
        for topic, n_records in lag.items():
            self._metrics.tail_lag.labels(topic).set(n_records)
