"""Live traffic through a real Envoy, to a slot and to the collector's own process on a real broker."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from recommndr import topics
from recommndr.attribution import verify
from recommndr.events import Event, decode
from recommndr.identity import UserId
from recommndr.kafka_access import KafkaAccess
from recommndr.settings import Settings
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_rollout.routes_file import RoutesFile
from recommndr_training.cli import app
from tests.collector.processes import collector_process
from tests.engine.bundles import N_ITEMS, write_bundle
from tests.patience import PATIENCE_S
from tests.serving.shops import CREDENTIALS, KEY, SIGNING_KEY
from tests.simulation.live.window import MARKET, WORLD
from tests.topic_records import Ends, topic_ends, topic_records
from tests.training.edge import served_platform
from tests.training.orders import CUT_S, Order
from tests.training.test_history import event, write

pytestmark = pytest.mark.integration
PLANTED = MARKET.item_ids[:N_ITEMS]


def _settings(folder: Path, bootstrap: str) -> Settings:
    (folder / "tenants.yaml").write_text(yaml.safe_dump(CREDENTIALS.model_dump(mode="json")))
    ports = {name: free_port() for name in ("envoy_port", "envoy_admin_port", "blue_port", "green_port", "collector_port")}
    told = {"state_dir": folder, "tenants_file": folder / "tenants.yaml", "kafka_bootstrap": bootstrap}
    return Settings.model_validate(told | ports | {"envoy_url": f"http://127.0.0.1:{ports['envoy_port']}"})


@pytest.fixture
def installation(
    tmp_path: Path, kafka_bootstrap: str, new_envoy: Callable[[Settings], Child], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    for name in [name for name in os.environ if name.startswith("RECOMMNDR_")]:
        monkeypatch.delenv(name)
    settings = _settings(tmp_path, kafka_bootstrap)
    RoutesFile(settings.routes_file, lambda: CREDENTIALS.tenants).apply({"grocer": {"blue": 10_000, "green": 0}})
    collector = collector_process(
        tmp_path, kafka_bootstrap, settings.collector_port, CREDENTIALS, RECOMMNDR_ATTRIBUTION_KEY=SIGNING_KEY.decode()
    )
    collector.start()
    bundle = write_bundle(tmp_path / "bundle", ids=PLANTED)
    try:
        with served_platform(bundle, PLANTED, lambda: datetime.now(UTC), settings.blue_port):
            new_envoy(settings)
            collector.wait_until(lambda: _ready(settings.collector_port), PATIENCE_S)
            monkeypatch.setenv("RECOMMNDR_ENVOY_URL", settings.envoy_url)
            monkeypatch.chdir(tmp_path)
            (tmp_path / "key").write_text(KEY)
            yield settings
    finally:
        collector.stop()


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=PATIENCE_S).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def written(kafka: KafkaAccess, since: Ends) -> dict[str, Event]:
    """The events that were written since, by id."""
    found = [decode(record.value) for record in topic_records(kafka, topics.EVENTS, since)]
    return {str(each.event_id): each for each in found}


def test_visitors_and_a_lake_reach_the_broker_through_the_edge_with_nothing_lost(
    installation: Settings, tmp_path: Path
) -> None:
    began = topic_ends(installation.kafka, topics.EVENTS)
    WORLD.save(tmp_path / "shop" / "truth")
    shared = ["--live", "--tenant", "grocer", "--key-file", "key"]
    played = CliRunner().invoke(
        app,
        ["simulate", *shared, "--out", "shop", "--rate", "20", "--duration", "3s", "--time-scale", "0.001", "--json"],
    )
    assert played.exit_code == 0, played.stderr
    told = json.loads(played.stdout)
    assert (told["failed"], told["ladder"]) == ({}, {"full": 1.0})
    events = written(installation.kafka, began)
    assert Counter(each.kind for each in events.values()) == told["events"]
    shown = [each for each in events.values() if each.kind == "impression" and each.attribution]
    given = [verify(each.attribution or "", {"k1": SIGNING_KEY}, "grocer", each.user_id, each.received_at) for each in shown]
    lists = Counter(each.list_name for each in given)
    assert lists["recommend"] == told["recommended"]["lists_shown"] > 20
    assert lists.keys() <= {"recommend", "similar_items"}

    past = [event(Order(f"o{n}", UserId(f"ü{n % 5}"), CUT_S + 30 * n, ("i1", "i2"))) for n in range(400)]
    write(Path("lake"), past)
    replayed = CliRunner().invoke(app, ["replay", *shared, "--lake", "lake", "--speed", "7200"])
    assert replayed.exit_code == 0, replayed.stderr
    assert json.loads(replayed.stdout)["accepted"] == 400
    again = set(written(installation.kafka, began)) - set(events)
    assert len(again) == 400
