"""Fixtures: a Flink in this process's Java child, and a real Kafka."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from recommndr.kafka_access import KafkaAccess
from recommndr.settings import load
from recommndr_flink_jobs import environment
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.sizes import SIZES
from recommndr_native.child import Child
from recommndr_native.installed import Tools
from recommndr_native.kafka import Kafka
from recommndr_native.kafka_users import OPERATIONS, kafka_login, write_kafka_users
from recommndr_native.topics import await_topics

_START_TIMEOUT_S = 300.0

# Time limits of examples would fail on a busy machine without a fault in the code.
settings.register_profile("quiet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quiet")


@pytest.fixture
def free_port() -> int:
    """A port that is free at the moment."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def flink_folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Folders of the session's Flink, which starts with the first test that uses it."""
    folders = Folders(tmp_path_factory.mktemp("flink"))
    environment.prepare(folders, os.environ, SIZES["small"])
    return folders


@pytest.fixture(scope="session")
def jars() -> Path:
    """Folder of the connector's jar."""
    return Tools.of_checkout().flink_jars()


@pytest.fixture(scope="session")
def kafka_passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Passwords of the broker's users, as an installation writes them."""
    folder = tmp_path_factory.mktemp("users")
    write_kafka_users(folder / "users.jaas", folder)
    return folder


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory, kafka_passwords: Path) -> Iterator[KafkaAccess]:
    """A broker with users and the installation's topics, as its operator reaches it."""
    folder = tmp_path_factory.mktemp("kafka")
    broker = Kafka(folder, _free_port(), _free_port(), Tools.of_checkout(), kafka_passwords / "users.jaas")
    broker.prepare()
    child = Child("kafka", broker.command(), folder / "kafka.log", os.environ)
    child.start()
    child.wait_until(lambda: _listens(broker.port), _START_TIMEOUT_S)
    access = load(kafka_login(kafka_passwords, OPERATIONS), kafka_bootstrap=broker.bootstrap).kafka
    await_topics(access, _START_TIMEOUT_S)
    yield access
    child.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
