"""A real Alertmanager with our configuration: who is told of what, and what is kept quiet."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from docs.catalogue import ROOT
from recommndr.settings import Settings
from recommndr_native.alertmanager import Alertmanager
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from tests.monitoring.receiver import Receiver, receiving
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.integration
Fire = Callable[..., None]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def fire(tmp_path: Path, receiver: Receiver) -> Iterator[Fire]:
    """Tells Alertmanager of alerts, as Prometheus would."""
    settings = Settings(alert_webhook_url=SecretStr(receiver.url), alertmanager_port=free_port())
    server = Alertmanager(tmp_path, ROOT / "monitoring" / "alertmanager" / "alertmanager.yml", settings)
    server.prepare()
    child = Child("alertmanager", server.command(), tmp_path / "log", os.environ)
    child.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.alertmanager_port}", trust_env=False) as client:

        def ready() -> bool:
            try:
                return client.get("/-/ready").is_success
            except httpx.TransportError:
                return False

        def fire(*alerts: dict[str, str]) -> None:
            client.post("/api/v2/alerts", json=[{"labels": labels} for labels in alerts]).raise_for_status()

        child.wait_until(ready, PATIENCE_S)
        yield fire
    child.stop()


def await_told(receiver: Receiver, name: str) -> None:
    eventually(lambda: receiver.of(name), f"the webhook is told of {name}")


def test_the_webhook_hears_of_a_critical_alert_at_once(fire: Fire, receiver: Receiver) -> None:
    began_s = time.monotonic()
    fire({"alertname": "SlotDown", "slot": "blue", "severity": "critical"})
    await_told(receiver, "SlotDown")
    assert receiver.told[0].at_s - began_s < 5


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
    await_told(receiver, "AnswersSlow")
    assert {(one.name, one.labels.get("slot")) for one in receiver.told} == {
        ("KafkaAway", None), ("SlotDown", "blue"), ("AnswersSlow", "green"),
    }  # fmt: skip
