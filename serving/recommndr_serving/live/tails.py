"""Tails catalogue, availability and item features from Kafka into the live item tables; one thread, for ever.

No consumer group: every slot reads everything from the start of the compacted topics. `ready` once all was read up to the
ends seen at start. A record that cannot be read is counted, logged and skipped: it never stops the tail.
"""

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import kafka
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from recommndr.topics import AVAILABILITY, CATALOG
from recommndr_serving.live.item_records import TAILED, ItemRecord, decode
from recommndr_serving.metrics import Metrics

log = logging.getLogger(__name__)

# Large enough to be cheap, small enough that a request hardly waits for the interpreter meanwhile (~2 ms).
_BATCH = 500
_RETRY_S = 1.0
_POLL_MS = 200
_LAG_EVERY_N_POLLS = 10

Apply = Callable[[Sequence[ItemRecord]], None]


class Tails:
    """A thread that hands decoded records to `apply`, in order per key, and waits for it before it reads on."""

    def __init__(self, bootstrap: str, apply: Apply, metrics: Metrics) -> None:
        self._bootstrap = bootstrap
        self._apply = apply
        self._metrics = metrics
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tails", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether everything that was there at start has been applied."""
        return self._ready.is_set()

    def start(self) -> None:
        """Begin reading; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread; blocks until it has ended or `timeout_s` passed."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._tail()
            except (KafkaError, OSError) as cause:
                log.warning("tails: %s; trying again", cause)
                self._stopping.wait(_RETRY_S)
            except Exception:  # a slot whose items stand still for ever in silence would be worse
                log.exception("tails: reading all over again")
                self._stopping.wait(_RETRY_S)

    def _tail(self) -> None:
        _check_reachable(self._bootstrap)
        consumer = kafka.KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id="recommndr-serving-tails",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            max_poll_records=_BATCH,
            fetch_max_wait_ms=_POLL_MS,
            metrics_enabled=False,
        )
        try:
            partitions = self._partitions(consumer)
            if not partitions:
                return
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            self._follow(consumer, consumer.end_offsets(partitions))
        finally:
            consumer.close(autocommit=False, timeout_ms=2_000)

    def _partitions(self, consumer: kafka.KafkaConsumer) -> list[kafka.TopicPartition]:
        """All partitions of all tailed topics; waits for topics that are not there yet."""
        while not self._stopping.is_set():
            found = {topic: consumer.partitions_for_topic(topic) or set() for topic in TAILED}
            missing = [topic for topic, partitions in found.items() if not partitions]
            if not missing:
                return [kafka.TopicPartition(topic, n) for topic, numbers in found.items() for n in sorted(numbers)]
            log.info("tails: waiting for topics %s", missing)
            self._stopping.wait(_RETRY_S)
        return []

    def _follow(self, consumer: kafka.KafkaConsumer, ends: Mapping[kafka.TopicPartition, int]) -> None:
        # Nothing is shown before it is catalogued, so what is sold out must be known before the catalogue is read.
        sold_out = deque((partition, end) for partition, end in ends.items() if partition.topic == AVAILABILITY.name)
        catalogue = [partition for partition in ends if partition.topic == CATALOG.name]
        consumer.pause(*catalogue)
        awaited = deque(ends.items())
        n_polls = 0
        while not self._stopping.is_set():
            batches = consumer.poll(timeout_ms=_POLL_MS)
            records = [decoded for batch in batches.values() for record in batch if (decoded := self._decode(record))]
            if records:
                self._apply(records)
                for partition, batch in batches.items():
                    self._metrics.tail_records.labels(partition.topic).inc(len(batch))
            if catalogue and _all_read(consumer, sold_out):
                consumer.resume(*catalogue)
                catalogue = []
            if _all_read(consumer, awaited):
                self._ready.set()
            n_polls += 1
            if n_polls % _LAG_EVERY_N_POLLS == 0:
                self._report_lag(consumer, ends)

    def _decode(self, record: ConsumerRecord) -> ItemRecord | None:
        try:
            return decode(record.topic, record.key, record.value)
        except ValueError as cause:
            self._metrics.tail_poison.labels(record.topic).inc()
            log.warning("tails: skipped %s:%s:%s: %s", record.topic, record.partition, record.offset, cause)
            return None

    def _report_lag(self, consumer: kafka.KafkaConsumer, partitions: Mapping[kafka.TopicPartition, int]) -> None:
        lag = dict.fromkeys(TAILED, 0)
        for partition in partitions:
            lag[partition.topic] += max(0, (consumer.highwater(partition) or 0) - consumer.position(partition))
        for topic, n_records in lag.items():
            self._metrics.tail_lag.labels(topic).set(n_records)


def _all_read(consumer: kafka.KafkaConsumer, awaited: deque[tuple[kafka.TopicPartition, int]]) -> bool:
    """Drops what was read to its end from `awaited`; whether nothing is left."""
    while awaited and consumer.position(awaited[0][0]) >= awaited[0][1]:
        awaited.popleft()
    return not awaited


def _check_reachable(bootstrap: str) -> None:
    """Raise `OSError` when no broker listens: a consumer whose bootstrap fails leaves its I/O thread behind."""
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    socket.create_connection((host, int(port)), timeout=2.0).close()
