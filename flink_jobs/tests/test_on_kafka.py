"""`recommndr-flink` in its own process on a real Kafka, with kills of its parts."""

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from making import (
    FRESH,
    NOON,
    TENANT,
    announced,
    begun,
    click,
    complete,
    cut,
    event,
    is_the_replay,
    newest,
    outcomes,
    raw,
    same_outcomes,
    seeds_of,
)

from recommndr.counting import Counting
from recommndr.events import erasure
from recommndr.features import user
from recommndr.generation import Generation
from recommndr.kafka_access import KafkaAccess
from recommndr.outcomes.plain import plain_outcomes
from recommndr.topics import (
    DEAD_LETTER,
    EVENTS,
    HEADER_EVENT_ID,
    HEADER_RECEIVED_AT,
    HEADER_TENANT,
    PARTITIONS,
    SHOPPER_FEATURES,
    USER_FEATURES,
)
from recommndr_flink_jobs import kafka_tables, metrics
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.kafka_log import KafkaLog
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.route import Raw
from recommndr_native.child import Child
from recommndr_native.kafka_users import kafka_login

pytestmark = pytest.mark.integration

_PATIENCE_S = 300.0  # for a machine that is busy with other jobs
HISTORY = [
    click(n, f"u{n % 6}", (f"i{n % 9}",), n)
    if n % 3 == 0
    else event(n, f"u{n % 6}", (f"i{n % 9}", "i1"), ("view", "purchase")[n % 2], n)
    for n in range(1, 121)
]


LATER = [event(n, f"u{n % 7}", (f"i{n % 9}",), ("view", "purchase")[n % 2], n) for n in range(121, 141)]
A_WEEK = Counting(7 * 86_400.0)


class Topics:
    """Writes events and seeds, reads the job's output."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._producer = KafkaProducer(**kafka.options(), acks="all")
        self._consumer = KafkaConsumer(**kafka.options(), auto_offset_reset="earliest")
        names = [topic.name for topic in kafka_tables.WRITTEN]
        self._consumer.assign([TopicPartition(name, number) for name in names for number in range(PARTITIONS)])
        self._written: list[Record] = []
        self.received_ms: set[bytes] = set()

    def send(self, *records: Raw) -> None:
        """Kafka chooses partitions and offsets."""
        for one in records:
            headers = ((HEADER_EVENT_ID, one.event_id), (HEADER_TENANT, one.tenant))
            present = [(name, value.encode()) for name, value in headers if value is not None]
            self._producer.send(one.topic, key=one.key, value=one.value, headers=present)
        self._producer.flush()

    def ends(self) -> tuple[int, ...]:
        """How far the events are."""
        places = [TopicPartition(EVENTS.name, number) for number in range(PARTITIONS)]
        ends = self._consumer.end_offsets(places)
        return tuple(ends[place] for place in places)

    def written(self) -> list[Record]:
        for records in self._consumer.poll(timeout_ms=200).values():
            self._written += [Record(one.topic, one.key, one.value) for one in records]
            self.received_ms |= {value for one in records for name, value in one.headers if name == HEADER_RECEIVED_AT}
        return self._written

    def close(self) -> None:
        self._producer.close()
        self._consumer.close()


@pytest.fixture
def topics(kafka: KafkaAccess) -> Iterator[Topics]:
    opened = Topics(kafka)
    yield opened
    opened.close()


@pytest.fixture
def service(kafka: KafkaAccess, kafka_passwords: Path, tmp_path: Path, free_port: int) -> Iterator[Child]:
    """The service, not started yet."""
    (tmp_path / "tenants.yaml").write_text(f"tenants: {{{TENANT}: {{}}}}")
    environment = os.environ | {
        "RECOMMNDR_STATE_DIR": str(tmp_path / "var"),
        "RECOMMNDR_TENANTS_FILE": str(tmp_path / "tenants.yaml"),
        "RECOMMNDR_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "RECOMMNDR_FLINK_REST_PORT": str(free_port),
        **kafka_login(kafka_passwords, "flink"),
    }
    command = [str(Path(sys.executable).parent / "recommndr-flink")]
    child = Child("flink", command, tmp_path / "flink.log", environment)
    yield child
    child.stop()


def started(service: Child) -> None:
    n_before = said(service).count("ready: flink")
    service.start()
    service.wait_until(lambda: said(service).count("ready: flink") > n_before, _PATIENCE_S)


def said(service: Child) -> str:
    return service.log_file.read_text() if service.log_file.exists() else ""


def kill_worker(service: Child) -> None:
    """Send SIGKILL to the Python worker: main -> java -> shell -> worker."""
    (java,) = children(service.pid)
    workers = [worker for shell in children(java) for worker in children(shell) if "beam_boot" in command_of(worker)]
    assert workers
    for worker in workers:
        os.kill(worker, 9)


def children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def eventually(check: Callable[[], None]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise


def checkpointed(service: Child) -> None:
    """Wait until a checkpoint that began from now on is complete.

    A worker that starts again from an older one reads events and announcements in any order, and may refuse seeds (`life.py`).
    """
    folder = Path(service.environment["RECOMMNDR_STATE_DIR"]) / "flink" / "checkpoints"

    def newest() -> int:
        return max((int(path.parent.name.removeprefix("chk-")) for path in folder.glob("*/*/chk-*/_metadata")), default=0)

    n_before = newest()

    def two_more() -> None:
        assert newest() >= n_before + 2  # the first may have begun before

    eventually(two_more)


def shown(service: Child, rest: Rest) -> str:
    """What the process table and Flink's REST interface say of the running job."""
    (java,) = children(service.pid)
    pages = ["/jobmanager/config", "/jobs/overview"]
    pages += [f"/jobs/{job['jid']}{page}" for job in rest.ask("/jobs/overview")["jobs"] for page in ("", "/plan", "/config")]
    answers = [json.dumps(rest.ask(page)) for page in pages]
    assert all(len(answer) > len("null") for answer in answers)
    return " ".join([command_of(service.pid), command_of(java), *answers])


def rest_of(service: Child) -> Rest:
    port, state = service.environment["RECOMMNDR_FLINK_REST_PORT"], Path(service.environment["RECOMMNDR_STATE_DIR"])
    return Rest("127.0.0.1", int(port), state / "flink-rest" / "identity.pem")


def told(rest: Rest, name: str) -> int:
    """A counter or gauge of the running job."""
    job = next(one["jid"] for one in rest.ask("/jobs/overview")["jobs"] if one["state"] == "RUNNING")
    found = 0
    for vertex in rest.ask(f"/jobs/{job}")["vertices"]:
        path = f"/jobs/{job}/vertices/{vertex['id']}/subtasks/metrics"
        ids = [one["id"] for one in rest.ask(path) if one["id"].endswith(f".{name}")]
        found += sum(int(one["sum"]) for one in (rest.ask(f"{path}?agg=sum&get={ids[0]}") if ids else ()))
    return found


def n_announced(rest: Rest) -> int:
    """How many announcements of seeds the running job has read since its worker started."""
    return told(rest, metrics.GENERATIONS_HEARD)


def is_waiting(rest: Rest) -> None:
    """Assert that a bucket has seeds of a generation that it has not heard of."""
    assert told(rest, metrics.SEEDS_AWAITED) > 0


def is_more(now: int, before: int) -> None:
    """Assert that two more were read."""
    assert now >= before + 2


def files_with(secret: str, folder: Path) -> list[str]:
    found = subprocess.run(["grep", "-rlaF", secret, str(folder)], capture_output=True, text=True, check=False)
    return found.stdout.split()


def is_forgotten(user: str, records: list[Record]) -> None:
    """Assert that the newest record of each of the shopper's keys is a tombstone."""
    ours = {topic.name for topic in SHOPPER_FEATURES}
    values = {one.topic: one.value for one in records if one.topic in ours and one.key == f"{TENANT}|{user}".encode()}
    assert values
    assert set(values.values()) == {None}


def first_seeds(topics: Topics, rest: Rest, topic_id: str) -> None:
    """Some come before their announcement."""
    first = begun(1, own_kinds=()).model_copy(update={"topic_id": topic_id})
    seeds, located = seeds_of(HISTORY[:20], 1), cut(first, FRESH).model_copy(update={"topic_id": topic_id})
    topics.send(*seeds[::2])
    eventually(lambda: is_waiting(rest))
    topics.send(announced(first), announced(located), *seeds[1::2], announced(complete(located, seeds)))


def recounted(service: Child, topics: Topics, rest: Rest, topic_id: str) -> tuple[Generation, list[Raw]]:
    """New seeds count by another half-life, while events come and the worker dies; a publication before that died."""
    n_heard = n_announced(rest)
    topics.send(announced(begun(2, own_kinds=())), announced(begun(3, A_WEEK, own_kinds=())))
    eventually(lambda: is_more(n_announced(rest), n_heard))
    checkpointed(service)
    ends = topics.ends()
    topics.send(*(raw(one, 0) for one in LATER))
    placed = cut(begun(3, A_WEEK, own_kinds=()), ends).model_copy(update={"topic_id": topic_id})
    seeds = seeds_of(HISTORY, 3, A_WEEK)
    topics.send(announced(placed), *seeds[::2])
    kill_worker(service)
    eventually(lambda: is_the_replay(newest(topics.written()), [*HISTORY, *LATER]))
    topics.send(*seeds[1::2], announced(complete(placed, seeds)))
    eventually(lambda: is_the_replay(newest(topics.written()), [*HISTORY, *LATER], A_WEEK))
    return placed, seeds


def test_deaths_repeats_and_first_seeds_come_to_the_replay(
    service: Child, topics: Topics, kafka: KafkaAccess, kafka_passwords: Path
) -> None:
    def agree(n_events: int) -> None:
        eventually(lambda: is_the_replay(newest(topics.written()), HISTORY[:n_events]))
        # The outcomes of the first 20 events are not in the topic: they came with the seeds, which have none.
        wanted = plain_outcomes(HISTORY[20:n_events], {TENANT: 86_400.0})
        eventually(lambda: same_outcomes(outcomes(topics.written()), wanted))

    live = [raw(one, 0) for one in HISTORY]  # Kafka assigns their offsets
    received_ms = str(round(NOON.timestamp() * 1_000)).encode()
    # A row from before the job lost its states; its shopper is in no seeds and has no events.
    topics.send(Raw(USER_FEATURES.name, 0, 0, f"{TENANT}|gone".encode(), user.to_bytes(user.EMPTY), None, None))
    started(service)
    eventually(lambda: is_forgotten("gone", topics.written()))

    # The tenant's first seeds arrive while the job runs; they contain the first 20 events.
    with KafkaLog(kafka) as log:
        topic_id = log.topic_ids((EVENTS,))[EVENTS.name]
    rest = rest_of(service)
    first_seeds(topics, rest, topic_id)
    agree(20)
    assert not topics.received_ms  # a seed was not received
    topics.send(*live[20:50], *live[30:40], live[0]._replace(value=b"garbage", event_id="e"))
    agree(50)
    assert topics.received_ms == {received_ms}

    checkpointed(service)
    kill_worker(service)
    topics.send(*live[50:80])
    agree(80)

    service.kill()
    topics.send(*live[80:100])
    started(service)
    assert "resume" in said(service)
    topics.send(*live[100:], *live[20:60])
    agree(120)

    placed, seeds = recounted(service, topics, rest, topic_id)

    topics.send(raw(erasure(TENANT, "u1", UUID(int=999), NOON), 0))
    eventually(lambda: is_forgotten("u1", topics.written()))

    letters = {record.key for record in topics.written() if record.topic == DEAD_LETTER.name}
    assert len(letters) == 1
    with KafkaLog(kafka) as log:
        assert set(log.announced()[TENANT]) == {placed, complete(placed, seeds)}
        assert log.count_seeds({TENANT: placed}) == {TENANT: complete(placed, seeds).n_seeds}
        assert log.earliest_event_offsets() == FRESH
        first_at_s = log.first_events_at_s()
        assert first_at_s.count(None) < PARTITIONS
        assert all(0 < time.time() - at_s < _PATIENCE_S * 10 for at_s in first_at_s if at_s is not None)

    state = Path(service.environment["RECOMMNDR_STATE_DIR"])
    password = (kafka_passwords / "flink" / "password").read_text().strip()
    assert password not in shown(service, rest)
    assert files_with(password, state.parent) == [str(state / "flink" / "kafka-login.properties")]  # no log, no checkpoint
    assert stat.S_IMODE((state / "flink" / "kafka-login.properties").stat().st_mode) == 0o600
    service.stop()
    assert "cancelled; the checkpoints" in said(service)
