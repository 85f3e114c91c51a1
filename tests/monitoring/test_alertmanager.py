"""A real Alertmanager with our configuration: who is told of what, and what is kept quiet."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from docs.catalogue import ROOT
from recommndr.settings import Settings
from recommndr_native.alertmanager import Alertmanager
from recommndr_native.child import Child
from recommndr_native.monitoring_users import write_monitoring_users
from recommndr_native.ports import free_port
from recommndr_rollout import alertmanager as operators_view
from tests.monitoring.receiver import Receiver, receiving
from tests.patience import PATIENCE_S, eventually, quickest

pytestmark = pytest.mark.integration
Fire = Callable[..., None]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def client(tmp_path: Path, receiver: Receiver) -> Iterator[httpx.Client]:
    """Logged in to an Alertmanager of our own."""
    users_file = tmp_path / "users.yml"
    password = write_monitoring_users(users_file, tmp_path / "password", "the operators' password")
    settings = Settings(
        alert_webhook_url=SecretStr(receiver.url),
        alertmanager_port=free_port(),
        monitoring_users_file=users_file,
        monitoring_password=SecretStr(password),
    )
    server = Alertmanager(tmp_path, ROOT / "monitoring" / "alertmanager" / "alertmanager.yml", settings)
    server.prepare()
    child = Child("alertmanager", server.command(), tmp_path / "log", os.environ)
    child.start()
    url = f"http://127.0.0.1:{settings.alertmanager_port}"
    with httpx.Client(base_url=url, auth=settings.monitoring_login, trust_env=False, timeout=PATIENCE_S) as client:

        def ready() -> bool:
            try:
                return client.get("/-/ready").is_success
            except httpx.TransportError:
                return False

        child.wait_until(ready, PATIENCE_S)
        yield client
    child.stop()


@pytest.fixture
def fire(client: httpx.Client) -> Fire:
    """Tells Alertmanager of alerts, as Prometheus would."""

    def fire(*alerts: dict[str, str]) -> None:
        client.post("/api/v2/alerts", json=[{"labels": labels} for labels in alerts]).raise_for_status()

    return fire


def test_the_webhook_hears_of_a_critical_alert_at_once(fire: Fire, receiver: Receiver) -> None:
    shops = count(1)

    def until_told_s() -> float:
        shop, began_s = f"shop-{next(shops)}", time.monotonic()
        fire({"alertname": "SlotDown", "tenant": shop, "slot": "blue", "severity": "critical"})
        eventually(lambda: receiver.of("SlotDown", tenant=shop), "the webhook is told")
        return receiver.of("SlotDown", tenant=shop)[0].at_s - began_s

    quickest(until_told_s, within_s=5.0, tries=4)


def test_what_follows_from_a_dead_part_is_kept_quiet_and_the_rest_is_told(fire: Fire, receiver: Receiver) -> None:
    fire(
        {"alertname": "KafkaAway", "source": "kafka", "severity": "critical", "needs": "monitoring"},
        {"alertname": "FlinkJobNotRunning", "source": "flink", "severity": "critical", "needs": "kafka monitoring"},
        {"alertname": "ExporterSourceDown", "source": "kafka", "severity": "warning", "needs": "monitoring"},
        {"alertname": "SlotDown", "slot": "blue", "severity": "critical"},
        {"alertname": "AnswersSlow", "slot": "blue", "tenant": "grocer", "severity": "critical"},
        {"alertname": "Watchdog", "severity": "none"},
    )
    # The slowest group of all: whatever was to be told before it has been told.
    fire({"alertname": "AnswersSlow", "slot": "green", "tenant": "grocer", "severity": "warning"})
    for told in ("KafkaAway", "SlotDown", "AnswersSlow"):
        eventually(lambda told=told: receiver.of(told), f"the webhook is told of {told}")
    assert {(one.name, one.labels.get("slot")) for one in receiver.notifications} == {
        ("KafkaAway", None), ("SlotDown", "blue"), ("AnswersSlow", "green"),
    }  # fmt: skip


def test_the_operators_page_learns_which_alerts_are_kept_quiet_and_why(fire: Fire, client: httpx.Client) -> None:
    fire(
        {"alertname": "SlotDown", "slot": "blue", "severity": "critical"},
        {"alertname": "AnswersSlow", "slot": "blue", "tenant": "grocer", "severity": "critical"},
        {"alertname": "FreshnessSlow", "severity": "warning"},
        {"alertname": "LadderNotFull", "severity": "warning"},
    )
    matcher = {"name": "alertname", "value": "FreshnessSlow", "isRegex": False}
    now = datetime.now(UTC)
    silence = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(), "createdBy": "ana"}
    client.post("/api/v2/silences", json=silence | {"comment": "known", "matchers": [matcher]}).raise_for_status()
    assert client.auth is not None
    page = operators_view.Alertmanager(client, str(client.base_url).rstrip("/"), client.auth)  # type: ignore[arg-type]
    wanted = {"AnswersSlow": "other_alert", "FreshnessSlow": "silence"}
    eventually(lambda: {one.labels["alertname"]: one.by for one in page.muted()} == wanted, "both are known to be quiet")
