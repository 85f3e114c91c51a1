"""`recommndr simulate --live` and `recommndr replay --live` as they are typed, against a platform behind a real socket."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recommndr.attribution import Attribution, verify
from recommndr_training.cli import app
from recommndr_training.console import duration_s
from tests.engine.bundles import N_ITEMS, NOW, write_bundle
from tests.patience import PATIENCE_S, eventually
from tests.serving.shops import KEY, SIGNING_KEY
from tests.simulation.live.window import MARKET, WORLD
from tests.training.edge import Platform, served_platform
from tests.training.orders import CUT_S, Order
from tests.training.test_history import event, write

PLANTED = MARKET.item_ids[:N_ITEMS]
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tenants.yaml").write_text("tenants: {grocer: {}}")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RECOMMNDR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RECOMMNDR_ENVOY_URL", NOBODY_LISTENS)


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    bundle = write_bundle(tmp_path / "bundle", ids=PLANTED)
    with served_platform(bundle, PLANTED, lambda: datetime.now(UTC)) as (url, platform):
        monkeypatch.setenv("RECOMMNDR_ENVOY_URL", url)
        yield platform


def key_file(key: str = KEY) -> None:
    Path("var/keys").mkdir(parents=True)
    Path("var/keys/grocer").write_text(f"{key}\n")


def planted() -> None:
    WORLD.save(Path("var/simulated/grocer/truth"))


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["simulate", "--live", "--tenant", "grocer", *arguments])


def replay(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", "--live", "--tenant", "grocer", "--lake", "lake", *arguments])


@pytest.mark.integration
def test_a_living_shop_leaves_events_with_outcomes_and_says_what_came_of_it(platform: Platform) -> None:
    key_file()
    planted()
    outcome = simulate("--rate", "15", "--duration", "2s", "--time-scale", "0.0005", "--seed", "4", "--json")
    assert outcome.exit_code == 0, outcome.stderr
    told, events = json.loads(outcome.stdout), platform.events()
    assert told["failed"] == {}
    assert told["sessions"] > 10
    assert Counter(event.kind for event in events) == told["events"]
    assert told["ladder"] == {"full": 1.0}
    clicks = [event for event in events if event.kind == "click" and event.attribution]
    assert told["recommended"]["clicks"] == len(clicks) > 0
    for each in clicks:
        found = verify(each.attribution or "", {"k1": SIGNING_KEY}, "grocer", each.user_id, each.received_at)
        assert isinstance(found, Attribution) and found.list_name == "recommend"


@pytest.mark.integration
def test_the_summary_reads_well_without_json(platform: Platform) -> None:
    key_file()
    planted()
    outcome = simulate("--rate", "10", "--duration", "1s", "--time-scale", "0.001")
    assert outcome.exit_code == 0, outcome.stderr
    assert all(word in outcome.stdout for word in ("sessions", "CTR", "conversion", "ladder       full 100.0 %", "p99"))


@pytest.mark.integration
@pytest.mark.parametrize("command", [("simulate", "--duration", "1h", "--json"), ("replay", "--lake", "lake", "--speed", "1")])
def test_ctrl_c_ends_it_with_the_summary(platform: Platform, command: tuple[str, ...]) -> None:
    key_file()
    planted()
    write(Path("lake"), [event(Order(f"o{n}", "u1", CUT_S + n**4, ("i1",))) for n in range(9)])
    typed = [sys.executable, "-m", "recommndr_training.cli", *command, "--live", "--tenant", "grocer"]
    going = subprocess.Popen(typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        eventually(lambda: going.poll() is not None or platform.events(), "the first event arrives")
        assert going.poll() is None
        going.send_signal(signal.SIGINT)
        told, errors = going.communicate(timeout=PATIENCE_S)
    finally:
        going.kill()
    assert going.returncode == 0, errors
    summary = json.loads(told)
    assert summary["failed"] == {}
    assert summary.get("accepted", sum(summary.get("events", {}).values())) == len(platform.events()) > 0


@pytest.mark.integration
def test_a_lake_is_sent_again_each_event_once_as_a_new_one(platform: Platform) -> None:
    key_file()
    past = [event(Order(f"o{n}", f"u{n % 3}", CUT_S + 60 * n, (f"i{n}", "i0"))) for n in range(30)]
    write(Path("lake"), past)
    outcome = replay("--speed", "3600", "--limit", "20")
    assert outcome.exit_code == 0, outcome.stderr
    told, events = json.loads(outcome.stdout), platform.events()
    assert (told["accepted"], told["failed"], told["reached"]) == (20, {}, past[19].event_at.isoformat())
    key = [(each.user_id, each.kind, each.lines) for each in past[:20]]
    assert sorted([(each.user_id, each.kind, each.lines) for each in events], key=repr) == sorted(key, key=repr)
    assert not {each.event_id for each in events} & {each.event_id for each in past}
    assert all(each.event_at > NOW for each in events)


def test_without_a_key_it_says_where_one_should_lie() -> None:
    planted()
    outcome = simulate()
    assert outcome.exit_code == 1
    assert all(word in outcome.stderr for word in ("var/keys/grocer", "recommndr key create --tenant grocer", "--key-file"))


def test_a_key_of_another_tenant_is_not_sent_anywhere() -> None:
    key_file("rk_books_secret")
    planted()
    assert "expected a server key of tenant 'grocer'" in simulate().stderr


def test_without_a_planted_world_it_says_to_simulate_first() -> None:
    key_file()
    outcome = simulate()
    assert outcome.exit_code == 1
    assert "run `recommndr simulate` first" in outcome.stderr


def test_an_edge_that_is_not_there_is_reported_by_both_commands() -> None:
    key_file()
    planted()
    write(Path("lake"), [event(Order("o1", "u1", CUT_S, ("i1",)))])
    for outcome in (simulate(), replay()):
        assert outcome.exit_code == 1
        assert NOBODY_LISTENS in outcome.stderr and "make demo" in outcome.stderr


def test_a_lake_without_events_of_the_tenant_is_reported() -> None:
    key_file()
    assert "no lake" in replay().stderr
    write(Path("lake"), [event(Order("o1", "u1", CUT_S, ("i1",)))])
    assert "no event of 'grocer' from 2030-01-01" in replay("--since", "2030-01-01").stderr


@pytest.mark.parametrize("text", ["", "0", "5 minutes", "-3s", "1w"])
def test_a_duration_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90s or 5m"):
        duration_s("--duration", text)


def test_options_of_a_live_replay_are_refused_without_it() -> None:
    outcome = CliRunner().invoke(app, ["replay", "--tenant", "grocer", "--limit", "3"])
    assert outcome.exit_code == 1
    assert "expected --live" in outcome.stderr
