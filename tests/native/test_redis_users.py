"""Redis as an installation runs it: services log in and may run only their commands, nobody runs scripts, memory is limited."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from recommndr.features import shopper
from recommndr.settings import Settings
from recommndr_feature_repo.definitions import ONLINE_SCHEMAS
from recommndr_feature_writer.online_rows import RedisRows
from recommndr_feature_writer.position import Batch, Move, Position, PositionMoved
from recommndr_feature_writer.shopper_row import RowKey, ShopperRow
from recommndr_monitoring.redis_info import RedisInfo
from recommndr_native.child import Child
from recommndr_native.ports import free_port, is_listening
from recommndr_native.redis import Redis
from recommndr_native.redis_users import OPERATIONS, RIGHTS, redis_logins, write_redis_users
from recommndr_serving.live.redis_user_rows import RedisUserRows
from tests.feature_writer.shoppers import state
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration


class Guarded:
    """A running Redis with users."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Redis(folder / "redis", free_port(), folder / "redis.acl", max_memory_mb=64)
        self.operations = write_redis_users(folder / "redis.acl", folder / "users")

    def settings(self, user: str) -> Settings:
        password = (self.folder / "users" / user / "password").read_text().strip()
        return Settings(state_dir=self.folder, redis_url=self.server.url, redis_user=user, redis_password=password)

    def client(self, user: str) -> redis.Redis:
        return redis.Redis.from_url(self.settings(user).redis_login_url)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    guarded = Guarded(tmp_path_factory.mktemp("guarded"))
    guarded.server.prepare()
    child = Child("redis", guarded.server.command(), guarded.folder / "log", os.environ)
    child.start()
    child.wait_until(lambda: is_listening(guarded.server.port), PATIENCE_S)
    yield guarded
    child.stop()


def test_who_does_not_log_in_may_do_nothing(guarded: Guarded) -> None:
    with redis.Redis.from_url(guarded.server.url) as stranger:
        for command in (["PING"], ["INFO"], ["GET", "x"], ["CONFIG", "GET", "*"]):
            with pytest.raises(redis.AuthenticationError):
                stranger.execute_command(*command)


async def test_the_writer_writes_and_the_slots_read(guarded: Guarded) -> None:
    rows = RedisRows(guarded.client("feature-writer"))
    place, position = ("features", 0), Position("topic", 1)
    groups = [RowKey(schema.name, "grocer|anna") for schema in ONLINE_SCHEMAS]
    columns = shopper.columns(state(3)) | {"guest_ids": ["g1"]}
    rows.write(Batch([ShopperRow.of(group, columns, 1.0) for group in groups], moves={place: Move(None, position)}))
    with pytest.raises(PositionMoved):
        rows.write(Batch(moves={place: Move(None, position)}))
    assert rows.positions([place]) == {place: position}
    reader = RedisUserRows.open(guarded.settings("serving").model_copy(update={"feature_timeout_ms": 5_000.0}))
    assert shopper.read(await reader.row("grocer", "anna")).n_events == 3
    rows.write(Batch(gone=groups))
    rows.forget([place])
    assert rows.positions([place]) == {}
    assert shopper.read(await reader.row("grocer", "anna")).n_events == 0
    await reader.close()


@pytest.mark.parametrize("user", RIGHTS)
def test_nobody_runs_a_script(guarded: Guarded, user: str) -> None:
    with guarded.client(user) as client:
        client.ping()
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.eval("return 1", 0)
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command("FUNCTION", "LIST")


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("serving", ["HSET", "row", "a", "1"]),
        ("serving", ["DEL", "row"]),
        ("serving", ["KEYS", "*"]),
        ("monitoring", ["HGETALL", "row"]),
        ("feature-writer", ["CONFIG", "SET", "maxmemory", "0"]),
        ("feature-writer", ["FLUSHALL"]),
        ("feature-writer", ["KEYS", "*"]),
    ],
)
def test_a_service_may_do_no_more_than_it_does(guarded: Guarded, user: str, command: list[str]) -> None:
    with guarded.client(user) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command)


def test_its_limit_of_memory_is_reported_and_nothing_is_thrown_away_for_it(guarded: Guarded) -> None:
    with guarded.client("monitoring") as client:
        told = {sample.family: sample.value for sample in RedisInfo(client).samples()}
    assert told["recommndr_redis_memory_limit_bytes"] == 64 * 1024 * 1024
    with guarded.client(OPERATIONS) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_process_logs_in_as_its_user_by_a_file(guarded: Guarded) -> None:
    logins = redis_logins(guarded.folder / "users")
    assert set(logins) == {"feature-writer", "blue", "green", "monitoring"}
    for login in logins.values():
        assert Path(login["RECOMMNDR_REDIS_PASSWORD_FILE"]).parent.name == login["RECOMMNDR_REDIS_USER"]
    passwords = {(guarded.folder / "users" / user / "password").read_text().strip() for user in RIGHTS}
    assert len(passwords) == len(RIGHTS)
    assert not re.search("|".join(passwords), (guarded.folder / "redis.acl").read_text())
