"""Kafka clients for a follower. They retry until a broker answers, so services may start in any order."""

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaConfigurationError, KafkaError

from recommndr.kafka_access import KafkaAccess

_log = logging.getLogger(__name__)
_RETRY_S = 1.0

_Client = TypeVar("_Client")


class Stopped(Exception):
    """The service was stopped while it waited for a dependency."""


def until_it_answers(
    what: str, connect: Callable[[], _Client], stop: threading.Event, errors: tuple[type[Exception], ...]
) -> _Client:
    """Call `connect` until it raises none of `errors`, and return its result; raises `Stopped` when `stop` is set first."""
    while not stop.is_set():
        try:
            return connect()
        except KafkaConfigurationError:
            raise  # our arguments are wrong; retrying cannot help
        except errors as cause:
            _log.warning("%s does not answer yet: %s", what, cause)
            stop.wait(_RETRY_S)
    raise Stopped(what)


def check_reachable(kafka: KafkaAccess) -> None:
    """Raise `OSError` when no broker listens: a client whose bootstrap fails leaves its I/O thread behind."""
    host, _, port = kafka.bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    socket.create_connection((host, int(port)), timeout=2.0).close()


def producer(kafka: KafkaAccess, client_id: str, stop: threading.Event) -> KafkaProducer:
    """Return a producer whose acknowledged records are safe."""
    # Not idempotent: repeats are harmless here, and kafka-python 3.0.12's idempotent producer may fail when a broker stalls.
    options: dict[str, Any] = {"acks": "all", "enable_idempotence": False, "allow_auto_create_topics": False}
    options |= {"max_block_ms": 5_000, "delivery_timeout_ms": 10_000, "request_timeout_ms": 4_000}
    return until_it_answers(
        f"Kafka at {kafka.bootstrap}",
        lambda: KafkaProducer(**kafka.options(), client_id=client_id, **options),
        stop,
        (KafkaError,),
    )


def open_consumer(kafka: KafkaAccess, client_id: str, **options: Any) -> KafkaConsumer:
    """Return a consumer that starts at the beginning unless it has a position, and never commits by itself."""
    return KafkaConsumer(
        **kafka.options(),
        client_id=client_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        reconnect_backoff_max_ms=1_000,
        **options,
    )


def consumer(kafka: KafkaAccess, client_id: str, stop: threading.Event, **options: Any) -> KafkaConsumer:
    """Wait for a broker, then open a consumer."""
    return until_it_answers(
        f"Kafka at {kafka.bootstrap}", lambda: open_consumer(kafka, client_id, **options), stop, (KafkaError,)
    )
