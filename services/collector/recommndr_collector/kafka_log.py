"""The event log on Kafka: librdkafka's threads write, answers return to the event loop.

`append` never waits: the records in flight are limited, which limits memory, and the producer's queue has room for more.

A producer that failed a record is replaced: librdkafka's may be of no more use then (a fatal error of its idempotence). Until
the new producer is connected, records go to the old one, which is closed when all its records are answered. At worst it still
writes a repeat.

A producer that does not answer in time gets no more records, because its queue would grow with each. Until another one is
connected, every append is refused at once.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from recommndr.kafka_access import KafkaAccess
from recommndr_collector.event_log import NotAcknowledged, Record, RecordTooLarge, describe_size, too_large
from recommndr_collector.in_flight import Bounds, InFlight
from recommndr_collector.kafka_producer import DELIVERY_TIMEOUT_MS, Producer, ProducerError, connected
from recommndr_collector.waiting import Answers, Link, Waiting

_log = logging.getLogger(__name__)

_RETRY_S = 1.0


class KafkaEventLog:
    """Appends to Kafka with `acks=all`, idempotent. `connect` retries for ever."""

    def __init__(
        self,
        kafka: KafkaAccess,
        topics: Iterable[str],
        bounds: Bounds | None = None,
        connect: Callable[[KafkaAccess, Sequence[str]], Producer] = connected,
        answer_within_s: float = DELIVERY_TIMEOUT_MS / 1000,
    ) -> None:
        self._kafka = kafka
        self._topics = tuple(topics)
        self._connect = connect
        self._link: Link | None = None
        self._in_flight = InFlight(bounds or Bounds())
        self._answers = Answers(self._settle, answer_within_s)
        self._replacing: dict[Link, asyncio.Task[None]] = {}

    @property
    def ready(self) -> bool:
        """Whether a producer is connected and knows all topics."""
        return self._link is not None

    @property
    def in_flight(self) -> InFlight:
        """Records that are enqueued and not answered by the broker yet."""
        return self._in_flight

    async def connect(self) -> None:
        """Retry until a broker answers and has all topics."""
        self._link = await self._connected()

    async def close(self) -> None:
        """Send waiting records, then stop the sender thread."""
        replacing = list(self._replacing.values())
        for task in replacing:
            task.cancel()
        await asyncio.gather(*replacing, return_exceptions=True)
        link, self._link = self._link, None
        if link is not None:
            await asyncio.to_thread(link.producer.close, DELIVERY_TIMEOUT_MS / 1000)

    def append(self, record: Record) -> asyncio.Future[None]:
        """See `EventLog.append`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        tenant = record.tenant
        link, refusal = self._link, self._refusal(record, tenant)
        if refusal is not None or link is None:
            done.set_exception(refusal or NotAcknowledged("disconnected", f"no broker at {self._kafka.bootstrap} yet"))
            return done
        waiting = Waiting(link, tenant, record.n_bytes, done)
        link.add(waiting)
        self._in_flight.add(tenant, waiting.n_bytes)
        answered = self._answers.expect(waiting)
        try:
            link.producer.send(record.topic, record.value, key=record.key, headers=record.headers, answered=answered)
        except ProducerError as cause:
            answered(cause)
        return done

    def _refusal(self, record: Record, tenant: str) -> Exception | None:
        if too_large(record):
            return RecordTooLarge(describe_size(record))
        refusal = self._in_flight.refusal(tenant, record.n_bytes)
        if refusal is None:
            return None
        return NotAcknowledged("share_used" if self._in_flight.holds(tenant) else "overloaded", refusal)

    def _settle(self, waiting: Waiting, cause: Exception | None) -> None:
        if not waiting.link.remove(waiting):  # answered before
            return
        self._in_flight.remove(waiting.tenant, waiting.n_bytes)
        if isinstance(cause, TimeoutError):
            self._give_up(waiting.link, cause)
        elif cause is not None:
            self._replace(waiting.link, cause)
        waiting.answer(cause)

    def _give_up(self, link: Link, cause: Exception) -> None:
        self._replace(link, cause)
        if self._link is link:
            self._link = None

    def _replace(self, link: Link, cause: Exception) -> None:
        if self._link is not link or link in self._replacing:
            return
        _log.warning("the producer is replaced, because it failed a record: %s", cause)
        self._replacing[link] = asyncio.get_running_loop().create_task(self._replaced(link))

    async def _replaced(self, old: Link) -> None:
        try:
            self._link = await self._connected()
            await old.answered.wait()
        finally:
            del self._replacing[old]
            if self._link is not old:
                await asyncio.to_thread(old.producer.close, 0)

    async def _connected(self) -> Link:
        while True:
            try:
                return Link(await asyncio.to_thread(self._connect, self._kafka, self._topics))
            except ProducerError as cause:
                _log.warning("no event log at %s yet: %s", self._kafka.bootstrap, cause)
                await asyncio.sleep(_RETRY_S)
