"""Puts a profile live: train, register, seed, fill the catalogue, release, wait. The demo and the tests use it."""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from recommndr.audit_log import AuditLog
from recommndr.catalog import CatalogItem
from recommndr.identity import TenantId
from recommndr.release import Release
from recommndr.settings import Settings, variable
from recommndr.tenancy import Tenants
from recommndr_engine.shop_rules import ShopRules
from recommndr_native.commands import run
from recommndr_native.installation import environment_of
from recommndr_native.shop import Answer, Refused, Shop
from recommndr_native.shop_front import shop_front
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.promote import Promotion, promote
from recommndr_rollout.routes_file import RoutesFile
from recommndr_storefront.shops import Shop as Front
from recommndr_storefront.shops import read_shops, shops_file, write_shops
from recommndr_training import params
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.shipping import shipped
from recommndr_training.shipping.held_out import catalog_items, events_by_user

_ITEMS_PER_CALL = 1_000
_POLL_S = 0.2
# The share of households that must get full answers; a few are new in the held-out weeks.
_SHARE_KNOWN = 0.9
_REGISTRY = variable("mlflow_uri")

Tell = Callable[[str], None]


def _silent(_: str) -> None:
    pass


class Installed(Protocol):
    """The parts of a native or container installation that going live uses."""

    @property
    def settings(self) -> Settings:
        """Its settings."""
        ...

    def admin_key_file(self, tenant: str) -> Path:
        """The file of the tenant's server key with all scopes."""
        ...

    def training_login(self) -> Mapping[str, str]:
        """Return the variables with which training's commands log in to Kafka."""
        ...


@dataclass(frozen=True, slots=True)
class GoLive:
    """The steps that put a tenant's trained profile live on one installation."""

    installation: Installed
    tenant: str
    profile: str
    checkout: Path
    tell: Tell = _silent

    def train(self) -> None:
        """Run the pipeline up to the bundle, in one process; not again if nothing changed.

        The shop is not live yet, so there is no champion, and the registry may still be starting: it is not asked.
        """
        environment = {name: value for name, value in self.environment().items() if name != _REGISTRY}
        run(("recommndr", "train", "--one-process", "--profile", self.profile), environment, self.checkout, self.tell)

    def register(self) -> dict[str, Any]:
        """Register the bundle as a version of the model; returns model_version and bundle_version."""
        lines = self._command("recommndr", "register", "--profile", self.profile)
        registered: dict[str, Any] = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
        return registered

    def seed(self) -> None:
        """Fill the live state from history."""
        self._command("recommndr", "seed", "--profile", self.profile, "--publish", login=self.installation.training_login())

    @property
    def has_truth(self) -> bool:
        """Whether the shop is simulated, so that simulated shoppers can visit it."""
        return (self._simulated / "truth").exists()

    def live_visitors(self, per_second: float, seconds: int) -> None:
        """Let simulated shoppers visit the running shop: they see recommendations, click and buy, with attribution."""
        self._command(
            "recommndr", "simulate", "--live", "--tenant", self.tenant, "--out", str(self._simulated),
            "--key-file", str(self.installation.settings.server_keys_dir / self.tenant),
            "--rate", str(per_second), "--duration", f"{seconds}s",
        )  # fmt: skip

    @property
    def _simulated(self) -> Path:
        return self.checkout / params.profile_dir(self.profile) / "simulate"

    def items(self) -> list[CatalogItem]:
        """Return the catalogue. Dates of sale are shifted to the present, like those of the seeds."""
        shift = weeks_to_now(shipped.until(self.profile), datetime.now(UTC))
        return list(catalog_items(self.profile, shift))

    def front(self) -> Front:
        """Return the shop's entry for the storefront, with shoppers to choose from."""
        policy = Tenants.from_yaml(self.installation.settings.tenants_file.read_text()).tenants[TenantId(self.tenant)]
        rules = ShopRules(policy.blocked_categories, policy.unnamed_brand_prefix)
        shown = [item for item in map(rules.shown, self.items()) if item is not None]
        return shop_front(self.tenant, shown, list(events_by_user(self.profile)))

    def open(self) -> None:
        """Add the shop to the storefront."""
        path = shops_file(self.installation.settings)
        write_shops(path, [*(shop for shop in read_shops(path).shops if shop.tenant != self.tenant), self.front()])

    def shop(self) -> Shop:
        """Return a client with the tenant's key of all scopes."""
        key = self.installation.admin_key_file(self.tenant).read_text().strip()
        settings = self.installation.settings
        trust = settings.edge_trust()
        return Shop(settings.envoy_url, self.tenant, key, None if isinstance(trust, bool) else trust)

    def release(self, registered: dict[str, Any]) -> Release:
        """Make the registered version the stable release."""
        settings = self.installation.settings
        store = FileReleaseStore(settings.releases_dir)
        applied = RoutesFile(settings.routes_file).applied().get(self.tenant)
        model_version, bundle_version = registered["model_version"], registered["bundle_version"]
        wanted = Promotion(self.tenant, bundle_version, model_version, "native", datetime.now(UTC))
        release = promote(store.load(self.tenant), wanted, applied)
        AuditLog(settings.audit_file).write("native", "release.promote", self.tenant, **registered)
        saved = store.save(release)
        self.tell(f"version {model_version} ({bundle_version}) stable in {saved.stable.slot}")
        return saved

    def await_answers(self, shop: Shop, bundle_version: str, user_ids: Iterable[str], budget_s: float = 300.0) -> None:
        """Wait until the version gives nearly all of these users full answers from their own features."""
        waiting = list(dict.fromkeys(user_ids))
        needed, n_asked, known = _SHARE_KNOWN * len(waiting), len(waiting), 0
        deadline = time.monotonic() + budget_s
        while known < needed:
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {budget_s:.0f} s {known} of {n_asked} users get full answers, expected 90 %")
            waiting = [user_id for user_id in waiting if not _in_full(_asked(shop, user_id), bundle_version)]
            known = n_asked - len(waiting)
            time.sleep(_POLL_S)
        self.tell(f"{known} of {n_asked} households get full answers")

    def _command(self, *words: str, login: Mapping[str, str] | None = None) -> list[str]:
        return run(words, self.environment() | dict(login or {}), self.checkout, self.tell)

    def environment(self) -> dict[str, str]:
        """Return the variables of a command on this machine."""
        return os.environ | environment_of(self.installation.settings, os.environ)


def fill_catalogue(shop: Shop, items: Sequence[CatalogItem]) -> None:
    """Write all items through the collector."""
    for start in range(0, len(items), _ITEMS_PER_CALL):
        shop.put_items(items[start : start + _ITEMS_PER_CALL])


def _asked(shop: Shop, user_id: str) -> Answer | None:
    try:
        return shop.recommend(user_id)
    except Refused:
        return None  # the routes and the slot follow the release after a moment


def _in_full(answer: Answer | None, bundle_version: str) -> bool:
    return answer is not None and answer.ladder == "full" and answer.model_version == bundle_version and answer.n_events > 0
