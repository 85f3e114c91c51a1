"""Writes answers to `recommndr.served.v1` in the background. No answer waits, the queue is bounded, drops are counted."""

import math
import queue
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import kafka
from kafka.errors import KafkaError

from recommndr.identity import entity_key
from recommndr.kafka_access import KafkaAccess
from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_background.work import Work
from recommndr_serving.metrics import Metrics
from recommndr_tail.connect import check_reachable

_CAPACITY = 10_000  # about 20 s of answers at full speed; further records are dropped and counted
_WAIT_S = 0.2
_MAX_BLOCK_MS = 1_000
# A bundle's column names are written at most so often: they are twice as long as all the rest of a record.
_NAMES_EVERY_S = 5.0


class ServedLog(Protocol):
    """A log of answers."""

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """Queue an answer; returns at once and never raises."""
        ...


class MemoryServedLog:
    """Keeps answers in memory, for tests and the embedded mode."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, ServedAnswer]] = []

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """See `ServedLog.note`."""
        self.records.append((tenant, user_id, answer))


class KafkaServedLog:
    """A queue that a background loop writes to Kafka. While the broker is unavailable, records are dropped."""

    def __init__(self, access: KafkaAccess, metrics: Metrics, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._monotonic_s = monotonic_s
        self._named_at_s: dict[str | None, float] = {}  # by version of a bundle, when its column names were written last
        self._count: Callable[[str], None] = lambda outcome: metrics.served.labels(outcome).inc()
        self._queue: queue.Queue[tuple[bytes, ServedAnswer]] = queue.Queue(_CAPACITY)
        self._producer: kafka.KafkaProducer | None = None

    @property
    def work(self) -> Work:
        """The log's step for a background loop."""
        return Work("served", self.step, expected=(KafkaError, OSError), close=self.close)

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """See `ServedLog.note`."""
        try:
            self._queue.put_nowait((entity_key(tenant, user_id), answer))
        except queue.Full:
            self._count("dropped")

    def step(self) -> None:
        """Connect if necessary and send the next record. A record that cannot be sent is dropped, and its error is raised."""
        if self._producer is None:
            self._producer = self._connect()
        try:
            self._send(self._producer, *self._queue.get(timeout=_WAIT_S))
        except queue.Empty:
            return

    def close(self) -> None:
        """Write the queued records if the broker answers, then close the connection."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            while not self._queue.empty():
                self._send(producer, *self._queue.get_nowait())
        finally:
            producer.close(timeout=2.0)

    def _connect(self) -> kafka.KafkaProducer:
        check_reachable(self._access)
        return kafka.KafkaProducer(
            **self._access.options(),
            client_id="recommndr-serving-served",
            acks=1,
            enable_idempotence=False,
            linger_ms=50,
            max_block_ms=_MAX_BLOCK_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _send(self, producer: kafka.KafkaProducer, key: bytes, answer: ServedAnswer) -> None:
        now_s = self._monotonic_s()
        names_are_due = now_s - self._named_at_s.get(answer.model_version, -math.inf) >= _NAMES_EVERY_S
        try:
            value = (answer if names_are_due else replace(answer, columns=(), retrievers=())).to_bytes()
            sent = producer.send(SERVED.name, key=key, value=value)
        except Exception:
            self._count("dropped")
            raise
        if names_are_due and answer.columns:
            self._named_at_s[answer.model_version] = now_s
        sent.add_callback(lambda _: self._count("written"))
        sent.add_errback(lambda _: self._count("lost"))
