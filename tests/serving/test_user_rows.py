"""The contract of user rows, for every implementation; and the breaker before them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import redis

from recommndr.features import shopper
from recommndr.features.shopper import SCHEMAS
from recommndr.identity import entity_key
from recommndr.settings import Settings
from recommndr.topics import SHOPPER_FEATURES
from recommndr_feature_repo import SHOPPER_KEY, open_store
from recommndr_one_process.database import Database
from recommndr_one_process.user_rows import SqliteUserRows
from recommndr_serving.live.breaker import BreakerPolicy, BreakerUserRows
from recommndr_serving.live.redis_user_rows import RedisUserRows
from recommndr_serving.live.user_rows import MemoryUserRows, UserRows, UserRowUnavailable
from tests.engine.bundles import bought, row_of
from tests.patience import PATIENCE_S
from tests.servers import RunningRedis

KNOWN = ("grocer", "a|nna ü")
STATE = bought(1, 2, 3)
ROW = row_of(STATE)


@pytest.fixture(scope="module")
def own_redis(new_redis: Callable[[], RunningRedis], tmp_path_factory: pytest.TempPathFactory) -> tuple[RunningRedis, Settings]:
    running = new_redis()
    settings = Settings(state_dir=tmp_path_factory.mktemp("feast"), redis_url=running.url, feature_timeout_ms=500)
    store = open_store(settings)
    row = {SHOPPER_KEY: entity_key(*KNOWN).decode(), "event_timestamp": datetime.now(UTC)} | ROW
    for schema in SCHEMAS:
        names = [SHOPPER_KEY, "event_timestamp", *(field.name for field in schema.fields)]
        store.write_to_online_store(schema.name, pd.DataFrame([{name: row[name] for name in names}]))
    return running, settings


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.integration)])
async def rows(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[UserRows]:
    if request.param == "memory":
        found: UserRows = MemoryUserRows({KNOWN: ROW})
    elif request.param == "sqlite":
        found = SqliteUserRows(with_row(Database(tmp_path / "shop.sqlite")))
    else:
        found = RedisUserRows.open(request.getfixturevalue("own_redis")[1])
    yield found
    await found.close()


def with_row(database: Database) -> Database:
    parts = shopper.parts(STATE)
    with closing(database.connect()) as connection:
        for schema, topic in zip(SCHEMAS, SHOPPER_FEATURES, strict=True):
            if schema.name in parts:
                row = (topic.name, entity_key(*KNOWN), parts[schema.name])
                connection.execute("INSERT INTO newest VALUES (?, ?, ?)", row)
    return database


async def test_a_stored_row_comes_back_as_it_was_written(rows: UserRows) -> None:
    found = shopper.read(await rows.row(*KNOWN))
    assert found.n_events == 1
    assert found.purchased_item_ids == ROW["purchased_item_ids"]
    assert found.counter_sums.tolist() == shopper.read(ROW).counter_sums.tolist()


async def test_an_unseen_shopper_is_empty_not_unavailable(rows: UserRows) -> None:
    assert shopper.read(await rows.row("grocer", "nobody")).n_events == 0


async def test_the_same_user_id_of_another_tenant_is_another_shopper(rows: UserRows) -> None:
    assert shopper.read(await rows.row("books", KNOWN[1])).n_events == 0


async def test_many_may_ask_at_once(rows: UserRows) -> None:
    found = await asyncio.gather(*(rows.row(*KNOWN) for _ in range(20)))
    assert all(shopper.read(row).n_events == 1 for row in found)


@pytest.mark.integration
async def test_a_redis_that_hangs_costs_the_timeout_and_one_that_is_gone_is_named(
    new_redis: Callable[[], RunningRedis], tmp_path: Path
) -> None:
    running = new_redis()
    rows = RedisUserRows.open(Settings(state_dir=tmp_path, redis_url=running.url, feature_timeout_ms=200))
    assert await rows.row("grocer", "u") == {}
    await asyncio.to_thread(_pause_writes_and_reads, running)
    took_s = []
    for _ in range(5):
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(UserRowUnavailable, match="timeout"):
            await rows.row("grocer", "u")
        took_s.append(asyncio.get_running_loop().time() - began_s)
    assert min(took_s) < 1.0
    running.child.kill()
    with pytest.raises(UserRowUnavailable):
        await rows.row("grocer", "u")
    running.start()
    assert await _eventually(lambda: rows.row("grocer", "u")) == {}
    await rows.close()


def _pause_writes_and_reads(running: RunningRedis) -> None:
    with redis.Redis.from_url(running.url) as client:
        client.client_pause(60_000)


async def _eventually(ask: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await ask()
            except UserRowUnavailable:
                await asyncio.sleep(0.1)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def refused(rows: UserRows, n: int = 1) -> list[str]:
    reasons = []
    for _ in range(n):
        with pytest.raises(UserRowUnavailable) as raised:
            await rows.row(*KNOWN)
        reasons.append(raised.value.reason)
    return reasons


async def test_a_dead_store_is_asked_only_until_the_breaker_opens(clock: Clock) -> None:
    inner = MemoryUserRows({KNOWN: ROW})
    inner.down = True
    rows = BreakerUserRows(inner, clock, BreakerPolicy(failures_to_open=3, retry_after_s=1.0))
    assert await refused(rows, 10) == ["down"] * 3 + ["breaker_open"] * 7
    assert inner.n_asked == 3
    assert rows.open


async def test_one_request_tries_again_after_a_while_and_the_others_do_not_pay(clock: Clock) -> None:
    inner = MemoryUserRows({KNOWN: ROW})
    inner.down = True
    rows = BreakerUserRows(inner, clock, BreakerPolicy(failures_to_open=2, retry_after_s=1.0))
    await refused(rows, 2)
    clock.now_s = 1.5
    assert await refused(rows, 3) == ["down", "breaker_open", "breaker_open"]
    inner.down = False
    clock.now_s = 3.0
    assert await rows.row(*KNOWN) == ROW
    assert not rows.open
    assert await rows.row(*KNOWN) == ROW


async def test_while_one_request_tries_the_others_are_turned_away(clock: Clock) -> None:
    inner = MemoryUserRows({KNOWN: ROW}, timeout_s=1.0)
    inner.down = True
    rows = BreakerUserRows(inner, clock, BreakerPolicy(failures_to_open=1, retry_after_s=1.0))
    await refused(rows)
    clock.now_s, inner.down, inner.delay_s = 2.0, False, 0.05
    trying = asyncio.create_task(rows.row(*KNOWN))
    await asyncio.sleep(0)
    assert await refused(rows) == ["breaker_open"]
    assert await trying == ROW


async def test_a_success_in_between_keeps_the_breaker_closed(clock: Clock) -> None:
    inner = MemoryUserRows({KNOWN: ROW})
    rows = BreakerUserRows(inner, clock, BreakerPolicy(failures_to_open=2))
    for _ in range(5):
        inner.down = True
        await refused(rows)
        inner.down = False
        await rows.row(*KNOWN)
    assert inner.n_asked == 10
