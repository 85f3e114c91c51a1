"""Kafka as an installation runs it: every client logs in, and a user may do what its process does and nothing else."""

import os
import re
import socket
import stat
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, KafkaAdminClient, ResourcePattern, ResourceType
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata
from pydantic import SecretStr

from recommndr.kafka_access import KafkaAccess
from recommndr.settings import load
from recommndr.topics import EVENTS, FEATURE_WRITER_GROUP, TOPICS, USER_FEATURES, Topic
from recommndr_collector.kafka_producer import ProducerError, connected
from recommndr_monitoring.kafka_offsets import KafkaOffsets
from recommndr_native.child import Child
from recommndr_native.installed import Tools
from recommndr_native.kafka import Kafka
from recommndr_native.kafka_users import BROKER, OPERATIONS, RIGHTS, SUPER_USERS, USER_OF, kafka_logins, write_kafka_users
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.patience import PATIENCE_S
from tests.servers import RunningKafka

pytestmark = [
    pytest.mark.integration,
    # kafka-python forgets to close the sockets of attempts that a broker refused.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
# Length, api key 60, version 0, correlation id, client id "x", no tags; the request: no authorized operations, no tags.
DESCRIBE_CLUSTER = bytes.fromhex("0000000e003c000000000001000178000000")
_REFUSED_MS = 3_000  # how long a client tries to get in; who is let in needs a fraction


@dataclass(frozen=True)
class Guarded:
    """A running broker with users."""

    running: RunningKafka
    folder: Path
    passwords: Path

    def password(self, user: str) -> str:
        return (self.passwords / user / "password").read_text().strip()

    def brokers_own_password(self) -> str:
        found = re.search(r'user_broker="(\w+)"', (self.passwords / BROKER / "users.jaas").read_text())
        assert found
        return found[1]

    def access(self, user: str) -> KafkaAccess:
        return KafkaAccess(self.running.bootstrap, user, SecretStr(self.password(user)))

    def admin(self, access: KafkaAccess) -> KafkaAdminClient:
        return KafkaAdminClient(**access.options(), bootstrap_timeout_ms=_REFUSED_MS)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    users = folder / "users"
    password = write_kafka_users(users / BROKER / "users.jaas", users)
    broker = Kafka(folder / "kafka", free_port(), free_port(), Tools.of_checkout(), users / BROKER / "users.jaas")
    child = Child("kafka", broker.command(), folder / "kafka.log", os.environ)
    running = RunningKafka(broker, child, OPERATIONS, password)
    running.start()
    assert ensure_topics(running.access) == [topic.name for topic in TOPICS]
    with closing(KafkaProducer(**running.access.options())) as producer:
        for topic in TOPICS:
            producer.send(topic.name, b"there", key=b"k", partition=0).get(PATIENCE_S)
    yield Guarded(running, folder, users)
    child.stop()


def may_write(access: KafkaAccess, topic: Topic) -> bool:
    with closing(KafkaProducer(**access.options(), enable_idempotence=False, max_block_ms=PATIENCE_S * 1_000)) as producer:
        try:
            producer.send(topic.name, b"more", key=b"k", partition=1).get(PATIENCE_S)
        except TopicAuthorizationFailedError:
            return False
    return True


def may_read(access: KafkaAccess, topic: Topic) -> bool:
    with closing(KafkaConsumer(**access.options(), group_id=None, auto_offset_reset="earliest")) as consumer:
        place = TopicPartition(topic.name, 0)
        if not consumer.partitions_for_topic(topic.name):
            return False  # not even described
        consumer.assign([place])
        try:
            consumer.seek_to_beginning(place)
            deadline = time.monotonic() + PATIENCE_S
            while not consumer.poll(timeout_ms=200):
                assert time.monotonic() < deadline, f"{topic.name}: neither read nor refused"
        except TopicAuthorizationFailedError:
            return False
    return True


@pytest.mark.parametrize("user", RIGHTS)
def test_a_user_reads_and_writes_its_topics_and_no_other(guarded: Guarded, user: str) -> None:
    access = guarded.access(user)
    assert {topic.name for topic in TOPICS if may_write(access, topic)} == {topic.name for topic in RIGHTS[user].writes}
    assert {topic.name for topic in TOPICS if may_read(access, topic)} == {topic.name for topic in RIGHTS[user].reads}


def gets_in(guarded: Guarded, access: KafkaAccess) -> bool:
    try:
        guarded.admin(access).close()
    except KafkaError:
        return False
    return True


def test_who_does_not_log_in_is_refused(guarded: Guarded) -> None:
    assert gets_in(guarded, guarded.access("collector"))
    assert not gets_in(guarded, KafkaAccess(guarded.running.bootstrap))


def logs_in(port: int, user: str, password: str) -> bool:
    """Asked in the protocol itself, because kafka-python does not tell a refused login from a lost connection."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        plain = b"PLAIN"
        assert answer_to(connection, 17, struct.pack(">h", len(plain)) + plain) == 0
        token = f"\0{user}\0{password}".encode()
        code = answer_to(connection, 36, struct.pack(">i", len(token)) + token)
    assert code in {0, 58}, "neither let in nor refused for its login"
    return code == 0


def answer_to(connection: socket.socket, api: int, body: bytes) -> int:
    """The error code that a request (version 1, no client id) is answered with."""
    request = struct.pack(">hhih", api, 1, 1, -1) + body
    connection.sendall(struct.pack(">i", len(request)) + request)
    length, _, code = struct.unpack(">iih", connection.recv(10, socket.MSG_WAITALL))
    connection.recv(length - 6, socket.MSG_WAITALL)
    return int(code)


def test_a_user_gets_in_with_its_own_password_only(guarded: Guarded) -> None:
    port = guarded.running.broker.port
    users = (OPERATIONS, *RIGHTS)
    for user, other in zip(users, (*users[1:], users[0]), strict=True):
        assert logs_in(port, user, guarded.password(user))
        assert not logs_in(port, user, guarded.password(other))
    assert not logs_in(port, "collector", "guessed")
    assert not logs_in(port, "nobody", guarded.password("collector"))


def test_the_collectors_producer_logs_in_and_writes_events(guarded: Guarded) -> None:
    """librdkafka has a login of its own."""
    access, answers = guarded.access("collector"), list[Exception | None]()
    collector = connected(access, [EVENTS.name])
    collector.send(EVENTS.name, b"e", key=b"k", headers=(), answered=answers.append)
    collector.close(PATIENCE_S)
    assert answers == [None]
    with pytest.raises(ProducerError):
        connected(KafkaAccess(access.bootstrap, access.user, SecretStr("guessed")), [EVENTS.name])


def test_the_controllers_port_is_the_brokers_only(guarded: Guarded) -> None:
    port = guarded.running.broker.controller_port
    assert logs_in(port, BROKER, guarded.brokers_own_password())
    assert not [user for user in (OPERATIONS, *RIGHTS) if logs_in(port, user, guarded.password(user))]


def test_who_does_not_log_in_is_refused_by_the_controller(guarded: Guarded) -> None:
    with socket.create_connection(("127.0.0.1", guarded.running.broker.controller_port), PATIENCE_S) as stranger:
        stranger.sendall(DESCRIBE_CLUSTER)
        assert stranger.recv(4) == b""


def commit(access: KafkaAccess, group: str) -> int:
    """Commit the beginning of a partition in the group, and read it back."""
    place = TopicPartition(USER_FEATURES.name, 0)
    with closing(KafkaConsumer(**access.options(), group_id=group, enable_auto_commit=False)) as consumer:
        consumer.assign([place])
        consumer.commit({place: OffsetAndMetadata(0, "", -1)})
        committed: int = consumer.committed(place)
        return committed


def test_only_the_feature_writer_commits_and_only_in_its_group(guarded: Guarded) -> None:
    assert commit(guarded.access("feature-writer"), FEATURE_WRITER_GROUP) == 0
    for user, group in (("feature-writer", "another"), ("serving", FEATURE_WRITER_GROUP), ("monitoring", FEATURE_WRITER_GROUP)):
        with pytest.raises(GroupAuthorizationFailedError):
            commit(guarded.access(user), group)


def test_the_exporter_sees_how_much_there_is_and_how_far_groups_have_read(guarded: Guarded) -> None:
    commit(guarded.access("feature-writer"), FEATURE_WRITER_GROUP)
    source = KafkaOffsets(guarded.access("monitoring"), TOPICS)
    with closing(source):
        samples = {(one.family, one.labels): one.value for one in source.samples()}
    assert all(samples["recommndr_kafka_topic_records", (topic.name,)] >= 1 for topic in TOPICS)
    assert samples["recommndr_kafka_group_lag_records", (FEATURE_WRITER_GROUP, USER_FEATURES.name)] >= 1


@pytest.mark.parametrize("user", RIGHTS)
def test_no_process_changes_topics_or_rights(guarded: Guarded, user: str) -> None:
    with closing(guarded.admin(guarded.access(user))) as admin:
        with pytest.raises((ClusterAuthorizationFailedError, TopicAuthorizationFailedError)):
            admin.create_topics({"mine": {"num_partitions": 1, "replication_factor": 1}})
        with pytest.raises(TopicAuthorizationFailedError):
            admin.delete_topics([EVENTS.name])
        assert set(admin.create_acls([everything(user)])["failed"]) == {ClusterAuthorizationFailedError}


def everything(user: str) -> ACL:
    pattern = ResourcePattern(ResourceType.TOPIC, EVENTS.name)
    return ACL(f"User:{user}", "*", ACLOperation.ALL, ACLPermissionType.ALLOW, pattern)


def test_a_right_that_is_in_our_table_no_more_is_taken_away_and_an_operators_own_stays(guarded: Guarded) -> None:
    surplus = [everything("training"), everything("somebody")]
    with closing(guarded.admin(guarded.running.access)) as admin:
        assert admin.create_acls(surplus)["failed"] == []
        eventually(lambda: may_read(guarded.access("training"), EVENTS))
        assert ensure_topics(guarded.running.access) == []
        eventually(lambda: not may_read(guarded.access("training"), EVENTS))
        left = admin.describe_acls(everything("somebody"))[0]
    assert left == [everything("somebody")]


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_logs_in_as_its_user_by_a_file(guarded: Guarded) -> None:
    logins = kafka_logins(guarded.passwords)
    assert set(logins) == {"collector", "flink", "feature-writer", "lake-writer", "blue", "green", "monitoring", "rollout"}
    for process, login in logins.items():
        assert load(login).kafka == KafkaAccess(load({}).kafka_bootstrap, *_told(guarded, USER_OF[process]))
    assert not (guarded.passwords / BROKER / "password").exists()
    users = [user for user in (*SUPER_USERS, *RIGHTS) if user != BROKER]
    assert len({guarded.password(user) for user in users}) == len(users)
    files = [path for path in guarded.passwords.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def _told(guarded: Guarded, user: str) -> tuple[str, SecretStr]:
    return user, SecretStr(guarded.password(user))


def test_the_broker_shows_no_password(guarded: Guarded) -> None:
    passwords = [guarded.password(user) for user in (OPERATIONS, *RIGHTS)]
    shown = " ".join(psutil.Process(guarded.running.child.pid).cmdline())
    shown += (guarded.folder / "kafka.log").read_text()
    files = [
        path.read_text(errors="replace")
        for path in (guarded.folder / "kafka").rglob("*")
        if path.is_file() and "index" not in path.suffix
    ]
    assert not [password for password in passwords if any(password in text for text in (shown, *files))]
