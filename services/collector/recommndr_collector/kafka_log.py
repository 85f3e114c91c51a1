"""The event log on Kafka: kafka-python's sender thread writes, callbacks come back onto the event loop.

`append` never waits: topic metadata is fetched when connecting, and what is in flight is bounded, so memory is too.

A producer that failed a record is replaced. kafka-python 3.0.12's idempotent producer does not come back from a broker that
hung past its delivery timeout: it waits for a producer id it never asks for again. What the old one may still write is a
repeat at worst.
"""

import asyncio
import logging
import time
from collections.abc import Iterable

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from recommndr_collector.event_log import NotAcknowledged, Record, RecordTooLarge, describe_size, too_large

_log = logging.getLogger(__name__)

DELIVERY_TIMEOUT_MS = 5_000
_RETRY_S = 1.0
_METADATA_TIMEOUT_S = 5.0


class KafkaEventLog:
    """Appends to Kafka with `acks=all`, idempotent. `run` connects and keeps trying for ever."""

    def __init__(self, bootstrap: str, topics: Iterable[str], max_in_flight: int = 10_000) -> None:
        self._bootstrap = bootstrap
        self._topics = tuple(topics)
        self._max_in_flight = max_in_flight
        self._producer: KafkaProducer | None = None
        self._in_flight: set[asyncio.Future[None]] = set()
        self._replacing: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether a producer is connected and knows all topics."""
        return self._producer is not None

    @property
    def n_in_flight(self) -> int:
        """Records enqueued and not yet answered by the broker."""
        return len(self._in_flight)

    async def connect(self) -> None:
        """Try until a broker answers and has all topics."""
        while self._producer is None:
            try:
                self._producer = await asyncio.to_thread(self._connect)
            except KafkaError as cause:
                _log.warning("no event log at %s yet: %s", self._bootstrap, cause)
                await asyncio.sleep(_RETRY_S)

    async def close(self) -> None:
        """Send what is in flight, then stop the sender thread."""
        if self._replacing is not None:
            self._replacing.cancel()
        producer, self._producer = self._producer, None
        if producer is not None:
            await asyncio.to_thread(producer.close, DELIVERY_TIMEOUT_MS / 1000)

    def append(self, record: Record) -> asyncio.Future[None]:
        """See `EventLog.append`."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        refusal, producer = self._refusal(record), self._producer
        if refusal is not None or producer is None:
            done.set_exception(refusal or NotAcknowledged("disconnected", f"no broker at {self._bootstrap} yet"))
            return done
        try:
            sent = producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
        except MessageSizeTooLargeError:
            done.set_exception(RecordTooLarge(describe_size(record)))
        except (KafkaError, ValueError) as cause:  # ValueError: the topic has lost its partitions
            done.set_exception(NotAcknowledged("not_acknowledged", f"{record.topic}: {cause}"))
        else:
            self._in_flight.add(done)
            # Its own timeout does not run while the sender waits for a producer id.
            timer = loop.call_later(DELIVERY_TIMEOUT_MS / 1000, self._settle, producer, done, TimeoutError("no answer in time"))
            done.add_done_callback(lambda _: timer.cancel())
            sent.add_callback(lambda _: loop.call_soon_threadsafe(self._settle, producer, done, None))
            sent.add_errback(lambda cause: loop.call_soon_threadsafe(self._settle, producer, done, cause))
        return done

    def _refusal(self, record: Record) -> Exception | None:
        if too_large(record):
            return RecordTooLarge(describe_size(record))
        if len(self._in_flight) >= self._max_in_flight:
            return NotAcknowledged("overloaded", f"{len(self._in_flight)} records wait for the broker")
        return None

    def _settle(self, producer: KafkaProducer, done: asyncio.Future[None], cause: Exception | None) -> None:
        self._in_flight.discard(done)
        if cause is not None and self._producer is producer:
            _log.warning("the producer is replaced, since it failed a record: %s", cause)
            self._producer = None
            self._replacing = asyncio.get_running_loop().create_task(self._replace(producer))
        if done.done():  # answered before, or whoever waited has gone: its connection closed
            return
        if cause is None:
            done.set_result(None)
        else:
            done.set_exception(NotAcknowledged("not_acknowledged", str(cause)))

    async def _replace(self, old: KafkaProducer) -> None:
        await asyncio.gather(asyncio.to_thread(old.close, 0), self.connect())

    def _connect(self) -> KafkaProducer:
        producer = KafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id="recommndr-collector",
            acks="all",
            # A produce request costs about 1.5 ms of CPU whatever it carries: at 500 events/s some share one.
            linger_ms=5,
            enable_idempotence=True,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            # Below the delivery timeout, so that a connection that hangs is given up and another one tried.
            request_timeout_ms=2_000,
            reconnect_backoff_max_ms=1_000,
            # Only reached when a topic vanishes: the event loop would wait this long.
            max_block_ms=50,
            bootstrap_timeout_ms=5_000,
            allow_auto_create_topics=False,
        )
        deadline_s = time.monotonic() + _METADATA_TIMEOUT_S
        missing = list(self._topics)
        while missing and time.monotonic() < deadline_s:
            missing = [topic for topic in missing if not _knows(producer, topic)]
        if missing:
            producer.close(timeout=1)
            raise KafkaError(f"topics {missing} are missing")
        return producer


def _knows(producer: KafkaProducer, topic: str) -> bool:
    try:
        return bool(producer.partitions_for(topic))
    except KafkaError:  # not within max_block_ms
        return False
