"""`recommndr seed` beside the running job: events go on, and the job takes up the new seeds without losing or doubling one."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from kafka import KafkaProducer

from recommndr import events
from recommndr.events import Event
from recommndr.features import shopper
from recommndr.features.action import Action
from recommndr.features.shopper import ShopperState
from recommndr.tenancy import TenantPolicy
from recommndr.topics import EVENTS, HEADER_EVENT_ID, HEADER_TENANT, SHOPPER_FEATURES
from recommndr_native.child import Child
from recommndr_native.installed import Tools
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.patience import PATIENCE_S
from tests.servers import RunningKafka
from tests.topic_records import topic_records

pytestmark = pytest.mark.integration

TENANT = "grocer"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
BEFORE, AFTER = TenantPolicy(), TenantPolicy(purchase_half_life_days=7)


def event(number: int) -> Event:
    told = {
        "kind": ("view", "purchase")[number % 2],
        "event_id": str(UUID(int=number)),
        "user_id": f"u{number % 5}",
        "occurred_at": NOON - timedelta(minutes=number % 700),
        "lines": [{"item_id": f"i{number % 7}"}],
    }
    return events.stamp(events.CLIENT_EVENT.validate_python(told), TENANT, NOON)


@dataclass
class Installation:
    kafka: RunningKafka
    environment: dict[str, str]
    flink: Child
    producer: KafkaProducer
    sent: list[Event] = field(default_factory=list)

    def send(self, n: int) -> None:
        """So many more events, as the collector writes them."""
        for number in range(len(self.sent) + 1, len(self.sent) + n + 1):
            one = event(number)
            headers = [(HEADER_EVENT_ID, str(one.event_id).encode()), (HEADER_TENANT, TENANT.encode())]
            self.producer.send(EVENTS.name, events.encode(one), key=f"{TENANT}|{one.user_id}".encode(), headers=headers)
            self.sent.append(one)
        self.producer.flush(10)

    def publishing(self) -> subprocess.Popen[str]:
        """`recommndr seed` of the tenant."""
        command = [sys.executable, "-m", "recommndr_training.cli", "seed", "--tenant", TENANT, "--publish"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, text=True, stdout=pipe, stderr=pipe)

    def shows(self, policy: TenantPolicy) -> bool:
        """Whether the features topics are the plain fold of all events, counted by the policy."""
        return self.shown() == folded(self.sent, policy)

    def shown(self) -> dict[str, dict[str, object]]:
        newest: dict[str, dict[str, bytes]] = {}
        for topic, schema in zip(SHOPPER_FEATURES, shopper.SCHEMAS, strict=True):
            for record in topic_records(self.kafka.access, topic):
                newest.setdefault(record.key.decode().partition("|")[2], {})[schema.name] = record.value
        return {user: summed(shopper.of_parts(parts)) for user, parts in newest.items()}


def folded(history: list[Event], policy: TenantPolicy) -> dict[str, dict[str, object]]:
    shoppers: dict[str, ShopperState] = {}
    for one in history:
        action = Action.from_event(one, ())
        assert action is not None
        shoppers[one.user_id] = shopper.fold(shoppers.get(one.user_id, shopper.EMPTY), (action,), policy.counting)
    return {user: summed(state) for user, state in shoppers.items()}


def summed(state: ShopperState) -> dict[str, object]:
    return {
        "events": state.user.n_events,
        "sums": [
            (kind, one.at_s, [round(value, 6) for value in one.sums]) for kind, one in sorted(state.user.counters.items())
        ],
        "orders": {item_id: (one.n_orders, round(one.decayed, 6)) for item_id, one in state.purchased.items.items()},
        "half_life_s": state.purchased.counting.half_life_s,
    }


@pytest.fixture
def installation(new_kafka: Callable[[], RunningKafka], tmp_path: Path) -> Iterator[Installation]:
    (tmp_path / "tenants.yaml").write_text(f"tenants: {{{TENANT}: {{}}}}")
    kafka = new_kafka()
    ensure_topics(kafka.access)
    environment = os.environ | {
        "RECOMMNDR_STATE_DIR": str(tmp_path),
        "RECOMMNDR_LAKE_DIR": str(tmp_path / "lake"),
        "RECOMMNDR_TENANTS_FILE": str(tmp_path / "tenants.yaml"),
        "RECOMMNDR_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "RECOMMNDR_LAKE_WRITER_PORT": str(free_port()),
        "RECOMMNDR_FLINK_REST_PORT": str(free_port()),
    }
    writing = [sys.executable, "-c", "from recommndr_lake_writer.main import main; main()"]
    writer = Child("lake-writer", writing, tmp_path / "writer.log", environment)
    job = Tools.of_checkout().checkout / "flink_jobs" / ".venv" / "bin" / "recommndr-flink"
    flink = Child("flink", [str(job)], tmp_path / "flink.log", environment)
    writer.start()
    flink.start()
    try:
        with closing(KafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=False)) as producer:
            yield Installation(kafka, environment, flink, producer)
    finally:
        flink.stop()
        writer.stop()


def test_a_changed_half_life_is_taken_up_while_events_go_on(installation: Installation, tmp_path: Path) -> None:
    installation.send(60)
    installation.flink.wait_until(lambda: installation.shows(BEFORE), PATIENCE_S)
    (tmp_path / "tenants.yaml").write_text(f"tenants: {{{TENANT}: {{purchase_half_life_days: 7}}}}")

    with installation.publishing() as publishing:
        while publishing.poll() is None:
            installation.send(1)
            installation.flink.wait_until(lambda: installation.shows(BEFORE) or installation.shows(AFTER), PATIENCE_S)
        assert publishing.returncode == 0, publishing.communicate()[1]
    installation.send(20)
    installation.flink.wait_until(lambda: installation.shows(AFTER), PATIENCE_S)
    assert "cannot be taken up" not in (tmp_path / "flink.log").read_text()
