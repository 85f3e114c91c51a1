"""Writes answers to `recommndr.served.v1`. No answer waits: librdkafka's threads send, its queue is bounded, drops are counted.

kafka-python's producer took 1.3 ms of processor time per answer, most of it in a thread that holds the interpreter.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as ConfluentProducer

from recommndr.identity import entity_key
from recommndr.kafka_access import KafkaAccess
from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_background.work import Work
from recommndr_serving.live.named_columns import NamedColumns
from recommndr_serving.metrics import Metrics

_log = logging.getLogger(__name__)

_CAPACITY = 10_000  # about 20 s of answers at full speed; further records are dropped and counted
_WAIT_S = 0.2
_CLOSE_S = 2.0


class KafkaServedLog:
    """Writes to Kafka. While the broker is unavailable records wait for some seconds, then they are lost and counted."""

    def __init__(self, access: KafkaAccess, metrics: Metrics, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._producer = ConfluentProducer(_settings(access), logger=_log)
        self._names = NamedColumns(monotonic_s)
        self._count: Callable[[str], None] = lambda outcome: metrics.served.labels(outcome).inc()

    @property
    def work(self) -> Work:
        """The log's step for a background loop."""
        return Work("served", self.step, close=self.close)

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """See `ServedLog.note`."""
        names_are_due = self._names.are_due(answer)
        try:
            value = answer.to_bytes(named=names_are_due)
            self._producer.produce(SERVED.name, value, entity_key(tenant, user_id), on_delivery=self._delivered)
        except (KafkaException, BufferError, TypeError, ValueError, OverflowError) as cause:
            self._count("dropped")
            if not isinstance(cause, BufferError):  # a full queue is an absent broker, which librdkafka logs itself
                _log.warning("tenant %s: an answer was not logged: %s", tenant, cause)
            return
        if names_are_due:
            self._names.were_written(answer)

    def step(self) -> None:
        """Count what the broker has acknowledged or refused since the last step."""
        self._producer.poll(_WAIT_S)

    def close(self) -> None:
        """Send what waits, if the broker answers within seconds."""
        self._producer.flush(_CLOSE_S)
        self._producer.purge()
        self._producer.flush(_WAIT_S)  # counts what was purged

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._count("written" if error is None else "lost")


def _settings(access: KafkaAccess) -> dict[str, Any]:
    return access.librdkafka_properties() | {
        "client.id": "recommndr-serving-served",
        "acks": 1,
        "linger.ms": 50,
        "delivery.timeout.ms": 20_000,
        "queue.buffering.max.messages": _CAPACITY,
        "reconnect.backoff.max.ms": 1_000,
        "allow.auto.create.topics": False,
        # As all our clients place keys, so that a shopper's answers are in one partition.
        "partitioner": "murmur2_random",
    }
