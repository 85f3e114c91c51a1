"""The storefront in a real browser against the whole installation; the flows are Playwright's, in frontend/e2e."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from recommndr.identity import UserId
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_native.installed import Tools, program
from recommndr_storefront.shops import Shopper, shops_file, write_shops
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.e2e
FRONTEND = Tools.of_checkout().checkout / "frontend"
SPECS = sorted(path.name for path in (FRONTEND / "e2e").glob("*.spec.ts"))


@pytest.fixture(scope="module")
def environment(live: GoLive) -> dict[str, str]:
    """The shop is open; each flow has its own new shopper, whom `enterAs` selects."""
    named = {name for spec in SPECS for name in re.findall(r'enterAs\("(\w+)"', (FRONTEND / "e2e" / spec).read_text())}
    strangers = {name: f"stranger-{name}" for name in sorted(named)}
    front = live.front()
    played = [Shopper(user_id=UserId(user_id), label=name, kind="cold") for name, user_id in strangers.items()]
    write_shops(shops_file(live.installation.settings), [front.model_copy(update={"shoppers": (*front.shoppers, *played)})])
    return {
        "STOREFRONT_URL": f"http://127.0.0.1:{live.installation.settings.storefront_port}",
        "CHROMIUM": program("chromium", "chromium"),
        "SHOPPERS": json.dumps(strangers),
    }


def playwright(spec: str, environment: Mapping[str, str], results: Path) -> None:
    ended = subprocess.run(
        [FRONTEND / "node_modules" / ".bin" / "playwright", "test", spec, "--output", str(results)],
        cwd=FRONTEND, env=os.environ | environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, f"{ended.stdout[-6_000:]}\n{ended.stderr[-2_000:]}"


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "outage.spec.ts"])
def test_a_flow_goes_well(spec: str, environment: dict[str, str], tmp_path: Path) -> None:
    playwright(spec, environment, tmp_path)


def test_pages_stand_while_the_slots_are_away(environment: dict[str, str], installation: Installation, tmp_path: Path) -> None:
    slots = ("blue", "green")
    playwright("outage.spec.ts", environment | {"SLOT_PIDS": ",".join(str(installation.pid(slot)) for slot in slots)}, tmp_path)
    installation.wait_ready(slots)


def test_a_token_opens_one_shoppers_door_only(environment: dict[str, str], installation: Installation) -> None:
    url, edge = environment["STOREFRONT_URL"], installation.settings.envoy_url
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        asked = {"tenant": "grocer", "user_id": "stranger-looks"}
        token = client.post(f"{url}/session", json=asked).raise_for_status().json()["token"]
        headers = {"authorization": f"Bearer {token}", "origin": url}
        mine = client.post(f"{edge}/recommend", json={"user_id": "stranger-looks"}, headers=headers)
        foreign = client.post(f"{edge}/recommend", json={"user_id": "900"}, headers=headers)
        assert (mine.status_code, foreign.status_code) == (200, 403)
        assert mine.headers["access-control-allow-origin"] == url
        assert client.post(f"{url}/session", json=asked | {"user_id": "900x"}).status_code == 403


def test_a_guest_shops_under_an_id_of_its_own(environment: dict[str, str], installation: Installation) -> None:
    url, edge = environment["STOREFRONT_URL"], installation.settings.envoy_url
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        guest = client.get(f"{url}/shop.json").raise_for_status().json()["shops"][0]["visitor"]["user_id"]
        token = client.post(f"{url}/session", json={"tenant": "grocer", "user_id": guest}).raise_for_status().json()["token"]
        answer = client.post(f"{edge}/recommend", json={"user_id": guest}, headers={"authorization": f"Bearer {token}"})
        assert answer.json()["user_profile"]["stored"]["n_events"] == 0
