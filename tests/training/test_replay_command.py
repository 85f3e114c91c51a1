import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recommndr_training.cli import app
from recommndr_training.shipping import seed
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.replayed import advanced
from tests.training.test_history import event, write

ORDERS = [Order(f"o{n}", f"u{n % 3}", CUT_S + n * DAY_S, (f"i{n}", "i0")) for n in range(1, 9)]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "tenants.yaml").write_text("tenants: {grocer: {}, bakery: {}}")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RECOMMNDR_")]:
        monkeypatch.delenv(name)
    yield


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", *arguments])


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_replay_says_what_it_took_and_writes_the_seeds_of_its_history(tmp_path: Path, processes: str) -> None:
    write(tmp_path / "lake", [event(order) for order in ORDERS])
    outcome = run("--tenant", "grocer", "--lake", "lake", "--out", "seeds.parquet", "--processes", processes)
    told = json.loads(outcome.stdout)
    assert {name: told[name] for name in ("events", "users", "items", "seeds")} == {
        "events": 8, "users": 3, "items": 9, "seeds": 12,
    }  # fmt: skip
    assert told["seconds"] <= told["seconds_with_seeds"]
    assert told["peak_mb"] > 50
    assert seed.read(tmp_path / "seeds.parquet").rows == list(seed.entity_states(advanced(table(ORDERS), CUT_S + 9 * DAY_S)))


def test_a_replay_until_an_instant_knows_nothing_of_it_or_later(tmp_path: Path) -> None:
    write(tmp_path / "var" / "lake", [event(order) for order in ORDERS])
    told = json.loads(run("--tenant", "grocer", "--until", "2017-12-20", "--processes", "1").stdout)
    assert told["events"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tenant", "grocer", "--lake", "nowhere"), "nowhere: no lake; import or simulate a shop"),
        (("--tenant", "butcher"), "tenants.yaml: no tenant 'butcher': expected one of grocer, bakery; add it there first"),
        (("--tenant", "bakery", "--lake", "lake"), "lake: no events of tenant 'bakery'; import or simulate that shop first"),
        (("--tenant", "grocer", "--until", "soon"), "--until 'soon': expected an instant as 2026-03-01"),
    ],
)
def test_what_cannot_be_replayed_is_said_with_what_to_do(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    write(tmp_path / "lake", [event(order) for order in ORDERS])
    outcome = run(*arguments)
    assert outcome.exit_code == 1
    assert said in outcome.stderr
