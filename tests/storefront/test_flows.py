"""The pages in a real browser before a platform that answers as told. The flows are Playwright's, in frontend/flows.

Against a real installation the same pages are tried in tests/e2e/test_storefront.py.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommndr.identity import TenantId, UserId
from recommndr_native.child import Child
from recommndr_native.installed import Tools, program
from recommndr_native.ports import free_port
from recommndr_storefront.shops import Department, Shop, Shopper, write_shops
from tests.servers import answering

pytestmark = pytest.mark.integration
FRONTEND = Tools.of_checkout().checkout / "frontend"
SPECS = sorted(path.name for path in (FRONTEND / "flows").glob("*.spec.ts"))
PASSWORD = "the-operators-password"
EDGE_URL = "http://edge.test"  # no server listens there; the flows answer instead
SHOP = Shop(
    tenant=TenantId("boutique"),
    name="Fernhaven",
    currency="EUR",
    shoppers=(
        Shopper(user_id=UserId("anna"), label="Anna", kind="warm"),
        Shopper(user_id=UserId("ben"), label="Ben", kind="hot"),
    ),
    departments=tuple(Department(name=name, label=name) for name in ("Groceries", "Women", "Home", "Garden", "Office", "Pets")),
    brands=("Alder & Co", "Birkmark", "Fernhaven", "Nordwick"),
)


@pytest.fixture(scope="module")
def storefront(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The storefront's own server, as development runs it."""
    folder, port = tmp_path_factory.mktemp("storefront"), free_port()
    write_shops(folder / "storefront" / "shops.json", [SHOP])
    settings = {
        "RECOMMNDR_STATE_DIR": str(folder),
        "RECOMMNDR_SERVER_KEYS_DIR": str(folder / "keys"),
        "RECOMMNDR_STOREFRONT_PORT": str(port),
        "RECOMMNDR_STOREFRONT_METRICS_PORT": str(free_port()),
        "RECOMMNDR_ENVOY_URL": EDGE_URL,
        "RECOMMNDR_OPERATIONS_PASSWORD": PASSWORD,
    }
    command = [str(Path(sys.prefix) / "bin" / "recommndr-storefront"), "--dev", "--pages", str(FRONTEND / "out")]
    child = Child("storefront", command, folder / "storefront.log", os.environ | settings)
    url = f"http://127.0.0.1:{port}"
    with answering(child, f"{url}/health/ready"):
        yield url


@pytest.mark.parametrize("spec", SPECS)
def test_a_flow_goes_well(spec: str, storefront: str, tmp_path: Path) -> None:
    environment = {"STOREFRONT_URL": storefront, "CHROMIUM": program("chromium", "chromium"), "OPERATIONS_PASSWORD": PASSWORD}
    ended = subprocess.run(
        [FRONTEND / "node_modules" / ".bin" / "playwright", "test", "--config", "flows/playwright.config.ts", spec,
         "--output", str(tmp_path)],
        cwd=FRONTEND, env=os.environ | environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, f"{ended.stdout[-6_000:]}\n{ended.stderr[-2_000:]}"
