"""A small shop that was added from files and then lived on, in an installation of one process on a checkout of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
import yaml

from docs.catalogue import ROOT
from recommndr.catalog import CatalogItem
from recommndr.events import CLIENT_EVENT, Event, stamp
from recommndr.tenancy import TenantPolicy
from recommndr_collector import catalogue
from recommndr_http.json_shape import Member, measure
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import rows_of, table_of
from recommndr_one_process.database import Database
from recommndr_one_process.places import Places
from recommndr_training.live.taken_history import TakenHistory
from tests.one_process.logs import append, follow, stream

DAY = timedelta(days=1)
SHOPPERS, ITEMS = 60, 30
HISTORY_DAYS = 70
_NAMESPACE = UUID(int=7)


def today() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def orders(first_day: int, n_days: int, items: range, seed: int) -> Iterator[tuple[str, str, datetime]]:
    """Shopper, item and instant of two orders a day of each third shopper; days count from the beginning of history.

    Each shopper buys from a shelf of six items, so that there is something to learn.
    """
    draws = np.random.default_rng(seed)
    start = began()
    for day in range(first_day, first_day + n_days):
        for shopper in range(day % 3, SHOPPERS, 3):
            for n in range(2):
                shelf = items.start + (shopper * 6 + int(draws.integers(6))) % len(items)
                yield f"u{shopper}", f"i{shelf}", start + timedelta(days=day, hours=8 + 2 * n, minutes=shopper)


def began() -> datetime:
    """The first day of history: its last one is fifteen days ago."""
    return today() - (HISTORY_DAYS + 14) * DAY


@dataclass(frozen=True)
class LivingShop:
    """One."""

    checkout: Path
    tenant: str

    @property
    def places(self) -> Places:
        return Places(self.checkout / "var/serve")

    @property
    def profile_dir(self) -> Path:
        return self.checkout / f"var/shops/{self.tenant}/live"

    def add(self) -> None:
        """From a file of orders to a registered version."""
        log = self.checkout / f"{self.tenant}.csv"
        rows = [f"{user},{item},{at:%Y-%m-%dT%H:%M:%SZ},9.50" for user, item, at in orders(0, HISTORY_DAYS, range(ITEMS), 1)]
        self._settle_quick_stages()
        log.write_text("\n".join(["customer,product,order_date,price", *rows]) + "\n")
        run(self.checkout, "recommndr_training.cli", "shop", "add", self.tenant, "--events", str(log), "--yes")

    def _settle_quick_stages(self) -> None:
        """What people write into an added shop's settings stays, also when the shop is trained on its lake."""
        sections = {
            "tenant": self.tenant,
            "tune": {"n_shoppers": 40, "only": ["popularity.half_life_days"]},
            "ranker": {
                "max_cuts": 2,
                "max_trees": 20,
                "variants": ["binary_small_leaves"],
                "n_processes": 1,
                "ablation_trees": 0,
            },
        }
        told = {
            "datasets": {self.tenant: {"currency": "EUR", "unknown_items": "keep"}},
            "profiles": {f"shops/{self.tenant}": sections},
        }
        settings = self.checkout / f"var/shops/{self.tenant}/params.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(yaml.safe_dump(told))

    def take_up(self) -> None:
        """Release it in the installation, as the first start does. It began to live when its history ended."""
        profile = f"shops/{self.tenant}"
        folder = str(self.places.folder)
        run(self.checkout, "recommndr_one_process.first_start", "--data", folder, "--profile", profile)
        noted = TakenHistory.read(self.places.folder, self.tenant)
        assert noted is not None
        assert noted.profile == profile and noted.bundle_version
        replace(noted, shift_s=0.0).write(self.places.folder, self.tenant)

    def live(self, first_day: int, n_days: int, items: range, seed: int = 2, shoppers: str = "") -> None:
        """Write these days' orders to the lake, as its writer does."""
        self.write(self._event(f"{shoppers}{user}", item, at) for user, item, at in orders(first_day, n_days, items, seed))

    def write(self, events: Iterable[Event]) -> None:
        table = EventsTable(self.places.folder / "lake")
        rows = [row for offset, event in enumerate(events) for row in rows_of(event, TenantPolicy(), 0, offset)]
        table.append(table_of([row | {"sender": "server"} for row in rows]), {})

    def _event(self, user: str, item: str, at: datetime) -> Event:
        told = {
            "kind": "purchase",
            "event_id": str(uuid5(_NAMESPACE, f"{user}{item}{at}")),
            "user_id": user,
            "occurred_at": at,
            "lines": [{"item_id": item, "price_minor": 950, "currency": "EUR"}],
        }
        return stamp(CLIENT_EVENT.validate_python(told), self.tenant, at)

    def put_items(self, items: Iterable[str]) -> None:
        """Write items of the catalogue through the log, as the collector does."""
        database = Database(self.places.database)
        payloads = [CatalogItem(item_id=one, title=f"New {one}").model_dump_json(exclude_none=True).encode() for one in items]
        append(database, [catalogue.item(self.tenant, TenantPolicy(), Member(one, measure(one))) for one in payloads])
        follow(stream(database))

    def train(self, *words: str, status: int = 0) -> str:
        """Run `recommndr train --tenant` and return what it says."""
        command = ("train", "--tenant", self.tenant, "--by", "tests", *words)
        return run(self.checkout, "recommndr_training.cli", *command, status=status)


def run(checkout: Path, module: str, *words: str, status: int = 0) -> str:
    """Run a module; MLflow's libraries warn, and in a test's process a warning is an error."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("RECOMMNDR_")}
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=checkout, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    return done.stdout


@contextmanager
def checkout_in(folder: Path) -> Iterator[Path]:
    """A folder with the repository's settings and code."""
    for name in ("dvc.yaml", "params.yaml", "tenants.yaml"):
        shutil.copy(ROOT / name, folder)
    for code in ("recommndr", "services", "serving", "training", "infra", "pyproject.toml"):
        (folder / code).symlink_to(ROOT / code)
    with chdir(folder):
        yield folder
