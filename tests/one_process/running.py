"""One process on a folder of its own, with the written bundle released for the grocer, and clients of its shops."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from recommndr_native.child import Child
from recommndr_native.installed import Tools
from recommndr_native.ports import free_port
from recommndr_native.shop import Shop
from recommndr_one_process.database import Database
from recommndr_one_process.places import Places
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.promote import Promotion, promote
from recommndr_training.live.kept_bundle import keep_bundle
from tests.engine.bundles import N_ITEMS, WrittenBundle, catalog_item
from tests.patience import PATIENCE_S, eventually

TENANT, OTHER = "grocer", "boutique"
CHECKOUT = Tools.of_checkout().checkout


@dataclass(frozen=True)
class OneProcess:
    """A process that may be killed and started again on the same folder."""

    places: Places
    port: int
    child: Child

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Database:
        return Database(self.places.database)

    def key(self, tenant: str = TENANT) -> str:
        return (self.places.keys / "admin" / tenant).read_text().strip()

    def shop(self, tenant: str = TENANT) -> Shop:
        return Shop(self.url, tenant, self.key(tenant))

    def start(self) -> None:
        """Return when it is ready."""
        self.child.start()
        self.child.wait_until(self.is_ready, PATIENCE_S)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=PATIENCE_S).status_code == 200
        except httpx.TransportError:
            return False

    def figure(self, name: str) -> float:
        """A metric without labels."""
        page = httpx.get(f"{self.url}/metrics", timeout=PATIENCE_S).text
        return float(next(line.split()[1] for line in page.splitlines() if line.startswith(f"{name} ")))

    def await_folded(self) -> None:
        eventually(lambda: self.figure("recommndr_stream_behind_records") == 0, "the stream has folded all of the log")


def environment(port: int) -> Mapping[str, str]:
    ports = {"RECOMMNDR_ENVOY_PORT": str(port), "RECOMMNDR_STOREFRONT_PORT": str(free_port())}
    return os.environ | ports | {"RECOMMNDR_ENVOY_URL": f"http://127.0.0.1:{port}"}


def new_process(folder: Path, bundle: WrittenBundle) -> OneProcess:
    """Made, not started."""
    port, places = free_port(), Places(folder)
    told = environment(port)
    settings = places.settings({name: value for name, value in told.items() if name.startswith("RECOMMNDR_")}, CHECKOUT)
    keep_bundle(bundle.directory, settings.state_dir / "bundles" / bundle.version)
    wanted = Promotion(TENANT, bundle.version, 1, "test", datetime.now(UTC))
    FileReleaseStore(settings.releases_dir).save(promote(None, wanted))
    command = [sys.executable, "-m", "tests.one_process.server", str(folder)]
    return OneProcess(places, port, Child("one-process", command, folder / "serve.log", told, CHECKOUT))


@contextmanager
def started(folder: Path, bundle: WrittenBundle) -> Iterator[OneProcess]:
    """A process with the bundle's catalogue; it is ended with the context."""
    process = new_process(folder, bundle)
    process.start()
    try:
        fill(process)
        yield process
    finally:
        process.child.stop()


def fill(running: OneProcess) -> None:
    """Write the bundle's catalogue."""
    with closing(running.shop()) as shop:
        shop.put_items([catalog_item(n) for n in range(N_ITEMS)])
    running.await_folded()
