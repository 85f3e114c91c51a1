"""The availability probe: it measures each slot by what its answers say, and always puts the item back in stock."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.identity import TenantId
from recommndr.settings import Settings
from recommndr.tenancy import ALL_SCOPES, ServerKey, TenantPolicy, Tenants, hash_key, new_server_key
from recommndr_monitoring import probe_command
from recommndr_monitoring.availability_probe import LIMIT_S, PROMISED_S, AvailabilityProbe, Clock
from recommndr_monitoring.http_shop import HttpShop
from recommndr_monitoring.source import SourceUnavailable
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.collector.processes import collector_process
from tests.patience import PATIENCE_S, eventually, quickest
from tests.servers import RunningKafka

STEP_S = 0.05


@dataclass
class Shop:
    """Slots that know of a change after a delay each (None: they do not answer), on a clock that only sleeping moves."""

    delays_s: dict[str, float | None]
    knows_item: bool = True
    now_s: float = 100.0
    refuses: bool = False
    changes: list[tuple[float, bool]] = field(default_factory=lambda: [(-10_000.0, True)])

    @property
    def slots(self) -> list[str]:
        return list(self.delays_s)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now_s, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def stock(self) -> None:
        self.knows_item = True

    def set_available(self, available: bool) -> None:
        if self.refuses:
            raise SourceUnavailable("the collector answers 503")
        self.changes.append((self.now_s, available))

    def available(self, slot: str) -> bool | None:
        delay_s = self.delays_s[slot]
        if delay_s is None:
            raise SourceUnavailable(f"{slot} does not answer")
        if not self.knows_item:
            return None
        return [available for at_s, available in self.changes if at_s + delay_s <= self.now_s][-1]


def measured(shop: Shop) -> dict[str, float]:
    found = AvailabilityProbe(shop, shop.clock).samples()
    assert {one.family for one in found} == {"recommndr_availability_seconds"}
    return {one.labels[0]: one.value for one in found}


@given(st.lists(st.floats(0.0, LIMIT_S - 1.0), min_size=2, max_size=2))
def test_each_slot_is_measured_to_within_a_pause(delays_s: list[float]) -> None:
    shop = Shop(dict(zip(("blue", "green"), delays_s, strict=True)))
    for slot, took_s in measured(shop).items():
        delay_s = shop.delays_s[slot]
        assert delay_s is not None and -1e-9 <= took_s - delay_s <= STEP_S + 1e-9
    assert [available for _, available in shop.changes] == [True, False, True]


def test_a_slot_that_never_says_so_counts_as_the_limit_and_does_not_hide_the_other() -> None:
    assert measured(Shop({"blue": 1_000.0, "green": 0.0})) == {"blue": LIMIT_S, "green": 0.0}


def test_a_slot_that_does_not_answer_is_not_late_but_unknown() -> None:
    assert measured(Shop({"blue": None, "green": 0.0})) == {"green": 0.0}
    with pytest.raises(SourceUnavailable, match="no slot answers"):
        measured(Shop({"blue": None, "green": None}))


def test_an_item_that_the_catalogue_lacks_is_put_there_first() -> None:
    shop = Shop({"blue": 0.0}, knows_item=False)
    assert measured(shop) == {"blue": 0.0}


def test_a_collector_that_refuses_is_said_and_not_taken_for_a_slow_slot() -> None:
    with pytest.raises(SourceUnavailable, match="503"):
        measured(Shop({"blue": 0.0}, refuses=True))


@dataclass
class Installation:
    """Collector and slots behind httpx; the slots know of a change at once, or never."""

    folder: Path
    deaf: bool = False
    items: dict[str, bool] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer rk_probe_secret"
        assert request.headers["x-recommndr-tenant"] == "probe"
        self.asked.append((request.method, f"{request.url.host}:{request.url.port}{request.url.raw_path.decode()}"))
        item_id = request.url.path.split("/")[2] if request.method != "PUT" else json.loads(request.content)[0]["item_id"]
        if request.method == "GET":
            found = self.items.get(item_id)
            return httpx.Response(404) if found is None else httpx.Response(200, json={"available": found})
        if not (self.deaf and self.items):
            self.items[item_id] = request.method == "PUT" or json.loads(request.content)["available"]
        return httpx.Response(202, json={})

    def shop(self) -> HttpShop:
        (self.folder / "probe").write_text("rk_probe_secret\n")
        client = httpx.Client(transport=httpx.MockTransport(self.answer))
        return HttpShop.of(Settings(admin_keys_dir=self.folder), client, "probe", "a b")


def test_the_collector_is_told_and_both_slots_are_asked_with_the_shops_key(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    found = AvailabilityProbe(installation.shop(), Clock(lambda: 0.0, lambda _: None)).samples()
    assert [(one.labels, one.value) for one in found] == [(("blue",), 0.0), (("green",), 0.0)]
    assert {place for method, place in installation.asked if method == "GET"} == {
        "127.0.0.1:18021/items/a%20b",
        "127.0.0.1:18022/items/a%20b",
    }
    writes = [(method, place) for method, place in installation.asked if method != "GET"]
    changed = ("PATCH", "127.0.0.1:18010/items/a%20b/availability")
    assert writes == [("PUT", "127.0.0.1:18010/items"), changed, changed]


def test_without_a_key_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    shop = Installation(tmp_path).shop()
    (tmp_path / "probe").unlink()
    with pytest.raises(SourceUnavailable, match="recommndr key create --tenant probe"):
        shop.set_available(False)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command in an installation; gives its exit status."""

    def run(*arguments: str, deaf: bool = False) -> int:
        shop = Installation(tmp_path, deaf).shop()
        now_s = iter(range(10_000))
        with monkeypatch.context() as patch, pytest.raises(SystemExit) as stopped:
            patch.setattr(probe_command.HttpShop, "of", lambda *_: shop)
            patch.setattr(probe_command.time, "monotonic", lambda: next(now_s) / 100)
            patch.setattr(probe_command.time, "sleep", lambda _: None)
            probe_command.main(arguments)
        return int(stopped.value.code or 0)

    return run


def test_the_command_tells_seconds_by_slot_and_whether_the_promise_was_kept(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--tenant", "probe", "--turns", "2") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 2 and all(set(line["seconds"]) == {"blue", "green"} and line["promised"] == 2.0 for line in lines)
    assert run("--tenant", "probe", deaf=True) == 1


def test_the_command_needs_a_shop(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "name the shop of the probe's item" in capsys.readouterr().err


@pytest.mark.integration
def test_a_real_collector_and_a_real_slot_keep_the_promise(new_kafka: Callable[[], RunningKafka], tmp_path: Path) -> None:
    kafka, key = new_kafka(), new_server_key("probe")
    ensure_topics(kafka.access)
    shop = TenantPolicy(keys=(ServerKey(sha256=hash_key(key), scopes=ALL_SCOPES),))
    (tmp_path / "probe").write_text(key)
    ports = {name: free_port() for name in ("collector_port", "blue_port", "green_port")}
    settings = Settings(kafka_bootstrap=kafka.bootstrap, admin_keys_dir=tmp_path, **ports)
    collector = collector_process(
        tmp_path, kafka.bootstrap, settings.collector_port, Tenants(tenants={TenantId("probe"): shop}),
        RECOMMNDR_AUDIT_FILE=str(tmp_path / "audit.log"),
    )  # fmt: skip
    own = {"STATE_DIR": tmp_path / "state", "BLUE_PORT": settings.blue_port}
    environment = collector.environment | {f"RECOMMNDR_{name}": str(value) for name, value in own.items()}
    command = [sys.executable, "-c", "from recommndr_serving.main import main; main()", "--slot", "blue"]
    slot = Child("blue", command, tmp_path / "blue.log", environment)
    with httpx.Client(timeout=PATIENCE_S, trust_env=False) as client, ExitStack() as running:
        for child, port in ((collector, settings.collector_port), (slot, settings.blue_port)):
            child.start()
            running.callback(child.stop)
            child.wait_until(partial(_is_ready, client, f"http://127.0.0.1:{port}/health/ready"), PATIENCE_S)
        probe = AvailabilityProbe(HttpShop.of(settings, client, "probe", "p1"), Clock(time.monotonic, time.sleep))
        eventually(partial(_turns, probe), "the collector knows the item that was put into the catalogue")
        quickest(lambda: probe.samples()[0].value, within_s=PROMISED_S)
        assert [one.labels for one in probe.samples()] == [("blue",)]  # green does not run, so nothing is said about it


def _turns(probe: AvailabilityProbe) -> bool:
    try:
        probe.samples()
    except SourceUnavailable:
        return False
    return True


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx.HTTPError:
        return False
