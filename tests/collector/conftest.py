from collections.abc import AsyncIterator

import pytest

from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import Collector, open_collector


@pytest.fixture
def log() -> InMemoryEventLog:
    return InMemoryEventLog()


@pytest.fixture
async def collector(log: InMemoryEventLog) -> AsyncIterator[Collector]:
    async with open_collector(log) as collector:
        yield collector
