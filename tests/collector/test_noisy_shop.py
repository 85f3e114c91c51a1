"""A shop that sends ten times its share while the broker stands still gets 503; the other shops' answers stand."""

import asyncio
from collections import Counter

from recommndr_collector.event_log import Record
from recommndr_collector.in_flight import Bounds
from recommndr_collector.kafka_log import KafkaEventLog
from tests.collector.shop import FOREIGN_KEY, bearer, click, open_collector
from tests.collector.test_replaced_producers import Broker, opened, until

SHARE = 100  # alone, a shop may have half of what may wait


class Counted:
    """The event log, and how many records it was asked to append."""

    def __init__(self, log: KafkaEventLog) -> None:
        self._log, self.n_asked = log, 0

    @property
    def ready(self) -> bool:
        return self._log.ready

    def append(self, record: Record) -> asyncio.Future[None]:
        self.n_asked += 1
        return self._log.append(record)


async def test_one_shop_at_ten_times_its_share_takes_nothing_from_another() -> None:
    broker = Broker()
    kafka = await opened(broker, Bounds(n_records=2 * SHARE))
    log, sent = Counted(kafka), broker.producers[0].sent
    async with open_collector(log) as collector:
        batch = [click(n) for n in range(SHARE)]
        noisy = [asyncio.create_task(collector.client.post("/events", json=batch)) for _ in range(10)]
        await until(lambda: log.n_asked == 10 * SHARE)
        assert kafka.in_flight.n_records == len(sent) == SHARE

        other = asyncio.create_task(collector.client.post("/events", json=click(), headers=bearer(FOREIGN_KEY)))
        await until(lambda: len(sent) == SHARE + 1)
        sent[-1].acknowledge()  # only the other shop's
        assert (await other).status_code == 202

        refused = await collector.client.post("/events", json=click(1_000))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["detail"].startswith("share_used")
        assert refused.json()["title"].startswith("Not written")

        for one in sent[:-1]:
            one.acknowledge()
        answers = await asyncio.gather(*noisy)
        statuses = Counter(result["status"] for answer in answers for result in answer.json()["results"])
        assert statuses == {202: SHARE, 503: 9 * SHARE}
        name = "recommndr_collector_not_acknowledged_records_total"
        assert collector.count(name, tenant="grocer", reason="share_used") == 9 * SHARE + 1
        assert collector.count(name, tenant="books", reason="share_used") == 0
    await kafka.close()
