"""What was answered, to `recommndr.served.v1`: fire and forget, bounded, drops counted. An answer never waits for it."""

import logging
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import kafka
import orjson
from kafka.errors import KafkaError

from recommndr.identity import entity_key
from recommndr.topics import SERVED
from recommndr_serving.metrics import Metrics

log = logging.getLogger(__name__)

_CAPACITY = 10_000  # ~20 s of answers at full speed; beyond, records are dropped and counted
_RETRY_S = 1.0
_MAX_BLOCK_MS = 1_000


class ServedLog(Protocol):
    """Where answers are noted."""

    def note(self, tenant: str, user_id: str, record: Mapping[str, Any]) -> None:
        """Note one answer; returns at once and never raises."""
        ...


class MemoryServedLog:
    """Keeps what was noted, for tests and the embedded mode."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, Mapping[str, Any]]] = []

    def note(self, tenant: str, user_id: str, record: Mapping[str, Any]) -> None:
        """See `ServedLog.note`."""
        self.records.append((tenant, user_id, record))


class KafkaServedLog:
    """A queue and a thread that empties it into Kafka; while the broker is away records are dropped, not kept for ever."""

    def __init__(self, bootstrap: str, metrics: Metrics) -> None:
        self._bootstrap = bootstrap
        self._count: Callable[[str], None] = lambda outcome: metrics.served.labels(outcome).inc()
        self._queue: queue.Queue[tuple[bytes, Mapping[str, Any]]] = queue.Queue(_CAPACITY)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="served", daemon=True)

    def start(self) -> None:
        """Begin writing; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what is queued if the broker is there, then end; blocks at most `timeout_s`."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def note(self, tenant: str, user_id: str, record: Mapping[str, Any]) -> None:
        """See `ServedLog.note`."""
        try:
            self._queue.put_nowait((entity_key(tenant, user_id), record))
        except queue.Full:
            self._count("dropped")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._produce()
            except (KafkaError, OSError) as cause:
                log.warning("served: %s; trying again", cause)
                self._stopping.wait(_RETRY_S)

    def _produce(self) -> None:
        host, _, port = self._bootstrap.split(",")[0].rpartition(":")
        # A producer whose bootstrap fails leaves its I/O thread behind: ask first whether anyone listens.
        socket.create_connection((host, int(port)), timeout=2.0).close()
        producer = kafka.KafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id="recommndr-serving-served",
            acks=1,
            enable_idempotence=False,
            linger_ms=50,
            max_block_ms=_MAX_BLOCK_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        try:
            while not (self._stopping.is_set() and self._queue.empty()):
                self._send_next(producer)
        finally:
            producer.close(timeout=2.0)

    def _send_next(self, producer: kafka.KafkaProducer) -> None:
        try:
            key, record = self._queue.get(timeout=0.2)
        except queue.Empty:
            return
        try:
            sent = producer.send(SERVED.name, key=key, value=orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY))
        except KafkaError:
            self._count("dropped")
            return
        sent.add_callback(lambda _: self._count("written"))
        sent.add_errback(lambda _: self._count("lost"))
