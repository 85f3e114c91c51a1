"""librdkafka's producer as the event log uses it: `send` never blocks, and answers come on a thread of their own."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as ConfluentProducer

from recommndr.kafka_access import KafkaAccess

DELIVERY_TIMEOUT_MS = 5_000
_CONNECT_TIMEOUT_S = 5.0
_POLL_S = 0.1

_log = logging.getLogger(__name__)

Answered = Callable[[Exception | None], None]  # with None: the record is acknowledged


class ProducerError(RuntimeError):
    """The producer has no broker, lacks a topic, or did not take or deliver a record."""


class Producer(Protocol):
    """The methods of a producer that the event log uses."""

    def send(
        self, topic: str, value: bytes | None, *, key: bytes, headers: Sequence[tuple[str, bytes]], answered: Answered
    ) -> None:
        """Enqueue a record; `answered` is called once, on the producer's thread. Raises `ProducerError` if it is not taken."""
        ...

    def close(self, timeout: float) -> None:
        """Send what is enqueued, for at most `timeout` seconds."""
        ...


class KafkaProducer:
    """Writes with `acks=all`, idempotent. A thread calls `answered` for records that a broker acknowledged or refused."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._producer = ConfluentProducer(_settings(kafka), logger=_log)
        self._closing = threading.Event()
        self._answering = threading.Thread(target=self._answer, name="kafka-answers", daemon=True)
        self._answering.start()

    def send(
        self, topic: str, value: bytes | None, *, key: bytes, headers: Sequence[tuple[str, bytes]], answered: Answered
    ) -> None:
        """See `Producer.send`."""

        def on_delivery(error: KafkaError | None, _message: Message) -> None:
            answered(None if error is None else ProducerError(error.str()))

        carried: list[tuple[str, str | bytes | None]] = [*headers]
        try:
            self._producer.produce(topic, value, key, headers=carried, on_delivery=on_delivery)
        except (KafkaException, BufferError) as cause:
            raise ProducerError(f"{topic}: {cause}") from cause

    def expect(self, topics: Sequence[str]) -> None:
        """Raise `ProducerError` unless a broker answers and has all these topics."""
        try:
            there = self._producer.list_topics(timeout=_CONNECT_TIMEOUT_S).topics
        except KafkaException as cause:
            raise ProducerError(str(cause)) from cause
        missing = [topic for topic in topics if topic not in there or there[topic].error is not None]
        if missing:
            raise ProducerError(f"topics {missing} are missing")

    def close(self, timeout: float) -> None:
        """See `Producer.close`; what is not sent by then is answered with an error."""
        self._producer.flush(timeout)
        self._producer.purge()
        self._producer.flush(_POLL_S)  # answers what was purged
        self._closing.set()
        self._answering.join()

    def _answer(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(_POLL_S)


def connected(kafka: KafkaAccess, topics: Sequence[str]) -> Producer:
    """A producer that has reached a broker with all topics; raises `ProducerError`."""
    producer = KafkaProducer(kafka)
    try:
        producer.expect(topics)
    except ProducerError:
        producer.close(0)
        raise
    return producer


def _settings(kafka: KafkaAccess) -> dict[str, Any]:
    return kafka.librdkafka_properties() | {
        "client.id": "recommndr-collector",
        "acks": "all",
        "enable.idempotence": True,
        # A produce request costs more than its records, so at 500 events/s several events share one.
        "linger.ms": 5,
        "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
        # Below the delivery timeout, so that a hanging connection is dropped and another one is tried.
        "request.timeout.ms": 2_000,
        "socket.timeout.ms": 2_000,
        "reconnect.backoff.max.ms": 1_000,
        # As all our clients place keys, so that the order of a shopper's events is kept.
        "partitioner": "murmur2_random",
        # Beyond `event_log.MAX_VALUE_BYTES`, which is checked before.
        "message.max.bytes": 1_048_576,
    }
