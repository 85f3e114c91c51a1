"""Tails catalogue, availability and item features from Kafka into the live item tables, for ever.

No consumer group: every slot reads everything from the start of the compacted topics. `ready` once all was read up to the
ends seen at start. A connection that breaks costs nothing that was read: the next one goes on behind the last applied record.
Reading anew would show items as they were long ago. A record that cannot be read or applied is counted, logged and skipped.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import kafka
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from recommndr.topics import AVAILABILITY, CATALOG
from recommndr_background.work import Work
from recommndr_serving.live.item_records import TAILED, ItemRecord, decode
from recommndr_serving.metrics import Metrics
from recommndr_tail.connect import check_reachable

log = logging.getLogger(__name__)

# Large enough to be cheap, small enough that a request hardly waits for the interpreter meanwhile (~2 ms).
_BATCH = 500
_POLL_MS = 200
_LAG_EVERY_N_POLLS = 10

Apply = Callable[[Sequence[ItemRecord]], None]
Batches = Mapping[TopicPartition, Sequence[ConsumerRecord]]


@dataclass
class _Connection:
    """A consumer at work, and how far it has to read before something else may happen."""

    consumer: kafka.KafkaConsumer
    partitions: Sequence[TopicPartition]
    sold_out: deque[tuple[TopicPartition, int]]
    catalogue: list[TopicPartition]
    awaited: deque[tuple[TopicPartition, int]]
    n_polls: int = 0

    def all_read(self, ends: deque[tuple[TopicPartition, int]]) -> bool:
        """Drops what was read to its end from `ends`; whether nothing is left."""
        while ends and self.consumer.position(ends[0][0]) >= ends[0][1]:
            ends.popleft()
        return not ends


class Tails:
    """Hands decoded records to `apply`, in order per key, and waits for it before it reads on."""

    def __init__(self, bootstrap: str, apply: Apply, metrics: Metrics) -> None:
        self._bootstrap = bootstrap
        self._apply = apply
        self._metrics = metrics
        self._ready = threading.Event()
        self._positions: dict[TopicPartition, int] = {}  # behind the last record applied
        self._connection: _Connection | None = None

    @property
    def ready(self) -> bool:
        """Whether everything that was there at start has been applied."""
        return self._ready.is_set()

    @property
    def work(self) -> Work:
        """For a background loop."""
        return Work("tails", self.step, expected=(KafkaError, OSError), close=self.close)

    def step(self) -> None:
        """One poll, applied; connects first when it has to. After an error the next step goes on behind the last record."""
        if self._connection is None:
            self._connection = self._connect()
        try:
            self._read(self._connection)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; positions stay."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.consumer.close(autocommit=False, timeout_ms=2_000)

    def _connect(self) -> _Connection:
        check_reachable(self._bootstrap)
        consumer = kafka.KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id="recommndr-serving-tails",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # also when the topic no longer has the position, because it was created again
            allow_auto_create_topics=False,
            max_poll_records=_BATCH,
            fetch_max_wait_ms=_POLL_MS,
            metrics_enabled=False,
        )
        try:
            return self._prepared(consumer)
        except Exception:
            consumer.close(autocommit=False, timeout_ms=2_000)
            raise

    def _prepared(self, consumer: kafka.KafkaConsumer) -> _Connection:
        partitions = _partitions(consumer)
        consumer.assign(partitions)
        for partition in partitions:
            if partition in self._positions:
                consumer.seek(partition, self._positions[partition])
            else:
                consumer.seek_to_beginning(partition)
        ends = consumer.end_offsets(partitions)
        # Nothing is shown before it is catalogued, so what is sold out must be known before the catalogue is read.
        sold_out = deque((partition, end) for partition, end in ends.items() if partition.topic == AVAILABILITY.name)
        catalogue = [partition for partition in partitions if partition.topic == CATALOG.name]
        consumer.pause(*catalogue)
        return _Connection(consumer, partitions, sold_out, catalogue, deque(ends.items()))

    def _read(self, connection: _Connection) -> None:
        batches: Batches = connection.consumer.poll(timeout_ms=_POLL_MS)
        self._put([(record, decoded) for batch in batches.values() for record in batch if (decoded := self._decode(record))])
        for partition, batch in batches.items():
            self._positions[partition] = batch[-1].offset + 1
            self._metrics.tail_records.labels(partition.topic).inc(len(batch))
        if connection.catalogue and connection.all_read(connection.sold_out):
            connection.consumer.resume(*connection.catalogue)
            connection.catalogue = []
        if connection.all_read(connection.awaited):
            self._ready.set()
        connection.n_polls += 1
        if connection.n_polls % _LAG_EVERY_N_POLLS == 0:
            self._report_lag(connection)

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

    def _report_lag(self, connection: _Connection) -> None:
        lag = dict.fromkeys(TAILED, 0)
        for partition in connection.partitions:
            lag[partition.topic] += max(
                0, (connection.consumer.highwater(partition) or 0) - connection.consumer.position(partition)
            )
        for topic, n_records in lag.items():
            self._metrics.tail_lag.labels(topic).set(n_records)


def _partitions(consumer: kafka.KafkaConsumer) -> list[TopicPartition]:
    """All partitions of all tailed topics; raises `KafkaError` while a topic is not there yet."""
    found = {topic: consumer.partitions_for_topic(topic) or set() for topic in TAILED}
    missing = [topic for topic, partitions in found.items() if not partitions]
    if missing:
        raise KafkaError(f"topics {missing} do not exist yet")
    return [TopicPartition(topic, n) for topic, numbers in found.items() for n in sorted(numbers)]
