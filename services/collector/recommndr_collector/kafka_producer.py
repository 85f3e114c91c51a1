"""kafka-python's producer as the event log uses it."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError

from recommndr.kafka_access import KafkaAccess

DELIVERY_TIMEOUT_MS = 5_000
_METADATA_TIMEOUT_S = 5.0


class Sent(Protocol):
    """A record being sent; one of the callbacks is called, on the sender's thread."""

    def add_callback(self, f: Callable[[Any], Any]) -> Any:
        """Call when it is acknowledged."""
        ...

    def add_errback(self, f: Callable[[Exception], Any]) -> Any:
        """Call when it is not."""
        ...


class Producer(Protocol):
    """The methods of a producer that the event log uses."""

    def send(self, topic: str, value: bytes | None, *, key: bytes, headers: list[tuple[str, bytes]]) -> Sent:
        """Enqueue a record."""
        ...

    def close(self, timeout: float) -> None:
        """Send what is enqueued, for at most `timeout` seconds."""
        ...


def connected(kafka: KafkaAccess, topics: Sequence[str]) -> Producer:
    """A producer that writes with `acks=all`, idempotent, and knows all topics; raises `KafkaError`."""
    producer = KafkaProducer(
        **kafka.options(),
        client_id="recommndr-collector",
        acks="all",
        # A produce request costs about 1.5 ms of CPU regardless of its size, so at 500 events/s several events share one.
        linger_ms=5,
        enable_idempotence=True,
        delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
        # Below the delivery timeout, so that a hanging connection is dropped and another one is tried.
        request_timeout_ms=2_000,
        reconnect_backoff_max_ms=1_000,
        # Only reached when a topic disappears; the event loop would wait this long.
        max_block_ms=50,
        bootstrap_timeout_ms=5_000,
        allow_auto_create_topics=False,
    )
    deadline_s = time.monotonic() + _METADATA_TIMEOUT_S
    missing = list(topics)
    while missing and time.monotonic() < deadline_s:
        missing = [topic for topic in missing if not _knows(producer, topic)]
    if missing:
        producer.close(timeout=1)
        raise KafkaError(f"topics {missing} are missing")
    known: Producer = producer
    return known


def _knows(producer: KafkaProducer, topic: str) -> bool:
    try:
        return bool(producer.partitions_for(topic))
    except KafkaError:  # not within max_block_ms
        return False
