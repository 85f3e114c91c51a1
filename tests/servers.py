"""Real servers for tests: each on free loopback ports, in a folder of its own, ended by its pid.

Session fixtures are shared by all tests: use your own topics, keys or prefixes in them. A test that kills a server asks the
`new_…` factories for one of its own; it ends with the test's module. A missing jar or program fails the test with the words of
`NotInstalled`: `make setup`.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import redis
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import SecretStr

from recommndr.kafka_access import KafkaAccess
from recommndr.settings import Settings
from recommndr_native.child import Child
from recommndr_native.envoy import Envoy
from recommndr_native.installed import Tools
from recommndr_native.kafka import Kafka
from recommndr_native.mlflow import Mlflow
from recommndr_native.ports import free_port, is_listening
from recommndr_native.redis import Redis
from recommndr_native.topics import ensure_topics
from tests.patience import PATIENCE_S


@dataclass(frozen=True)
class RunningKafka:
    """A broker with the installation's topics; `child.kill()` and `start()` are a crash and its repair."""

    broker: Kafka
    child: Child
    user: str = ""
    password: str = ""  # of that user, who may do everything; empty: the broker has no users

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    @property
    def access(self) -> KafkaAccess:
        return KafkaAccess(self.bootstrap, self.user, SecretStr(self.password))

    def start(self) -> None:
        self.broker.prepare()
        self.child.start()
        self.child.wait_until(self._answers, PATIENCE_S)

    def _answers(self) -> bool:
        if not is_listening(self.broker.port):
            return False
        try:
            KafkaAdminClient(**self.access.options()).close()
        except KafkaError:
            return False
        return True


@dataclass(frozen=True)
class RunningRedis:
    """A Redis; `child.kill()` and `start()` are a crash and its repair."""

    server: Redis
    child: Child

    @property
    def url(self) -> str:
        return self.server.url

    def start(self) -> None:
        self.server.prepare()
        self.child.start()
        self.child.wait_until(self._answers, PATIENCE_S)

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


Running = TypeVar("Running", RunningKafka, RunningRedis)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder with a short path, as supervisord's socket needs it: those of pytest's workers are too long."""
    with tempfile.TemporaryDirectory(prefix="recommndr-") as folder:
        yield Path(folder)


@contextmanager
def _ended_after(new: Callable[[], Running]) -> Iterator[Callable[[], Running]]:
    """Starts what `new` makes, each time it is called; all are ended with the context."""
    started: list[Running] = []

    def start() -> Running:
        running = new()
        started.append(running)
        running.start()
        return running

    try:
        yield start
    finally:
        for running in started:
            running.child.stop()


def _brokers(folders: pytest.TempPathFactory) -> AbstractContextManager[Callable[[], RunningKafka]]:
    def new() -> RunningKafka:
        folder = folders.mktemp("kafka")
        broker = Kafka(folder, free_port(), free_port(), Tools.of_checkout())
        return RunningKafka(broker, Child("kafka", broker.command(), folder / "kafka.log", os.environ))

    return _ended_after(new)


@pytest.fixture(scope="module")
def new_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], RunningKafka]]:
    """Starts a broker of the caller's own, without topics."""
    with _brokers(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of the session's broker, all of `recommndr.topics.TOPICS` created."""
    with _brokers(tmp_path_factory) as start:
        kafka = start()
        ensure_topics(kafka.access)
        yield kafka.bootstrap


def _redis_servers(folders: pytest.TempPathFactory) -> AbstractContextManager[Callable[[], RunningRedis]]:
    def new() -> RunningRedis:
        folder = folders.mktemp("redis")
        server = Redis(folder, free_port())
        return RunningRedis(server, Child("redis", server.command(), folder / "redis.log", os.environ))

    return _ended_after(new)


@pytest.fixture(scope="module")
def new_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], RunningRedis]]:
    """Starts a Redis of the caller's own."""
    with _redis_servers(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the session's Redis."""
    with _redis_servers(tmp_path_factory) as start:
        yield start().url


@pytest.fixture(scope="session")
def mlflow_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the session's MLflow server."""
    folder: Path = tmp_path_factory.mktemp("mlflow")
    server = Mlflow(folder, free_port())
    server.prepare()
    child = Child("mlflow", server.command(), folder / "mlflow.log", os.environ | server.environment())
    with answering(child, f"{server.uri}/health"):
        yield server.uri


@pytest.fixture(scope="module")
def new_envoy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Settings], Child]]:
    """Starts an Envoy with the ports and the routes file of the given settings."""
    started: list[Child] = []

    def start(settings: Settings) -> Child:
        folder = tmp_path_factory.mktemp("envoy")
        server = Envoy(folder, Tools.of_checkout().checkout / "infra" / "envoy" / "envoy.yaml", settings)
        server.prepare()
        child = Child("envoy", server.command(), folder / "envoy.log", os.environ)
        started.append(child)
        child.start()
        child.wait_until(lambda: _healthy(f"http://127.0.0.1:{settings.envoy_admin_port}/ready"), PATIENCE_S)
        return child

    yield start
    for child in started:
        child.stop()


@contextmanager
def answering(child: Child, url: str) -> Iterator[None]:
    """The child is started and answers at `url`; it is stopped at the end."""
    child.start()
    try:
        child.wait_until(lambda: _healthy(url), PATIENCE_S)
        yield
    finally:
        child.stop()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(url, timeout=PATIENCE_S).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
