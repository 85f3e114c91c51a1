"""`recommndr serve` as it is typed, on the trained profile: its history is taken up, and answers change with events."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pandas as pd
import pytest

from recommndr.bundle import MANIFEST
from recommndr.events import Line
from recommndr_native.child import Child
from recommndr_native.commands import run
from recommndr_native.installed import Tools
from recommndr_native.ports import free_port
from recommndr_native.shop import Shop, purchase
from recommndr_training import params
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e
PROFILE, TENANT = "tiny", "grocer"
CHECKOUT = Tools.of_checkout().checkout
_FIRST_START_S = 900.0  # history is taken up, on a machine that other jobs keep busy


@dataclass(frozen=True)
class Served:
    """The running process."""

    child: Child
    url: str
    pages_url: str
    keys: Path

    def start(self) -> None:
        n_before = self.n_ready()
        self.child.start()
        self.child.wait_until(lambda: self.n_ready() > n_before, _FIRST_START_S)

    def n_ready(self) -> int:
        return self.child.log_file.read_text().count("ready: API") if self.child.log_file.exists() else 0

    def shop(self) -> Shop:
        return Shop(self.url, TENANT, (self.keys / TENANT).read_text().strip())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not (CHECKOUT / params.profile_dir(PROFILE) / "bundle" / MANIFEST).exists():
        run(("recommndr", "train", "--one-process", "--profile", PROFILE), os.environ, CHECKOUT, print)
    folder, port, pages = tmp_path_factory.mktemp("serve"), free_port(), free_port()
    program = Path(sys.executable).parent / "recommndr"
    command = [str(program), "serve", "--data", str(folder), "--profile", PROFILE, "--port", str(port), "--dev"]
    told = os.environ | {"RECOMMNDR_STOREFRONT_PORT": str(pages)}
    child = Child("one-process", command, folder / "serve.log", told, CHECKOUT)
    running = Served(child, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{pages}", folder / "keys")
    running.start()
    yield running
    child.stop()


def test_a_household_of_the_history_goes_on_from_there_also_after_a_kill(served: Served) -> None:
    history = pd.read_parquet(CHECKOUT / params.profile_dir(PROFILE) / "split" / "train.parquet")
    household = str(history["user_id"].value_counts().index[3])
    n_before = history.loc[history["user_id"] == household, "event_id"].nunique()
    with closing(served.shop()) as shop:
        first = shop.recommend(household)
        assert (first.ladder, first.n_events) == ("full", n_before)
        shop.send(purchase(household, [Line(item_id=first.item_ids[0])]))
        eventually(lambda: shop.recommend(household).n_events == n_before + 1, "the event is in the row")
    served.child.kill()
    served.start()
    with closing(served.shop()) as shop:
        after = shop.recommend(household)
    assert (after.ladder, after.n_events) == ("full", n_before + 1)


def test_the_storefront_plays_a_shopper_of_its_switcher(served: Served) -> None:
    with httpx.Client(timeout=PATIENCE_S) as browser:
        told = browser.get(f"{served.pages_url}/shop.json").json()
        assert told["edge_url"] == served.url
        (shop,) = [one for one in told["shops"] if one["tenant"] == TENANT]
        asked = {"tenant": TENANT, "user_id": shop["shoppers"][0]["user_id"]}
        session = browser.post(f"{served.pages_url}/session", json=asked).raise_for_status().json()
        headers = {"authorization": f"Bearer {session['token']}", "origin": served.pages_url}
        answer = browser.post(f"{served.url}/recommend", json={"user_id": asked["user_id"]}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == served.pages_url
    assert answer.json()["items"]
