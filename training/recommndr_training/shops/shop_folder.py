"""The folder of an added shop, `var/shops/<tenant>`: its settings, keys, lake, and what training makes."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from recommndr.private_file import write_private
from recommndr.tenancy import ALL_SCOPES, NARROW_SCOPES, Scope, Tenants, hash_key, new_server_key
from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import iter_events
from recommndr_training import params
from recommndr_training.judging.gate_report import REPORT_FILE, GateReport
from recommndr_training.shops.shop_settings import completeness, kept, params_entry, tenant_entry
from recommndr_training.shops.traffic import Traffic, traffic

_COLUMNS = ("user_id", "item_id", "kind", "event_at", "price_minor", "currency")
_HEAD = "# Written by `recommndr shop add`. What you change here stays{but}.\n"
_REGISTERED = "registered.json"
KEY, ADMIN_KEY = "key", "key.admin"


@dataclass(frozen=True, slots=True)
class ShopFolder:
    """One added shop. `root` is the folder of the repository or the installation."""

    tenant: str
    root: Path = Path()

    @property
    def profile(self) -> str:
        """The shop's profile."""
        return f"{params.ADDED}{self.tenant}"

    @property
    def path(self) -> Path:
        """The folder."""
        return self.root / params.profile_dir(self.profile)

    @property
    def lake(self) -> Path:
        """The lake with what was imported."""
        return self.path / "lake"

    @property
    def exists(self) -> bool:
        """Whether the shop was added."""
        return (self.path / params.PARAMS).exists()

    def lines(self) -> pa.Table:
        """All imported lines of an item; raises `ValueError` where there are none."""
        days = [day.select(_COLUMNS).filter(day["item_id"].is_valid()) for day in iter_events(self.lake, self.tenant)]
        if not days or not sum(day.num_rows for day in days):
            raise ValueError(f"{self.lake}: no events of {self.tenant}: nothing was imported")
        return pa.concat_tables(days).rename_columns([*_COLUMNS[:3], "at", *_COLUMNS[4:]])

    def settle(self) -> Traffic:
        """Write the settings that the imported lines suggest; an earlier target, horizon and other settings stay.

        Raises `ValueError` where there are no lines.
        """
        lines, items = self.lines(), read_items(self.lake, self.tenant)
        found = traffic(lines, self._target())
        currencies = pa.concat_tables([lines.select(["currency"]), items.select(["currency"])], promote_options="permissive")
        lacking = completeness(lines, items["item_id"].combine_chunks(), currencies["currency"].combine_chunks())
        entry, settings = params_entry(self.tenant, found, lacking), self.path / params.PARAMS
        if settings.exists():
            entry = kept(params.read_yaml(settings), entry, self.tenant)
        tenants = self.path / params.TENANTS
        if not tenants.exists():
            content = tenant_entry(self.tenant, found, self._new_keys())
            Tenants.model_validate(content)
            tenants.write_text(_HEAD.format(but="") + yaml.safe_dump(content, sort_keys=False))
        but = ", but since, until and gate_cut, which follow the data"
        settings.write_text(_HEAD.format(but=but) + yaml.safe_dump(entry, sort_keys=False))
        return found

    def _target(self) -> tuple[str, float] | None:
        """Target kind and horizon that were settled before."""
        if not (self.path / params.TENANTS).exists():
            return None
        policy = params.policy(self.tenant, self.path / params.TENANTS)
        return policy.target_kind, policy.label_horizon_days

    def _new_keys(self) -> list[dict[str, Any]]:
        """Two server keys, in files for their owner only: the hashes are in the tenants file."""
        return [
            self._new_key(KEY, NARROW_SCOPES, "the shop's server"),
            self._new_key(ADMIN_KEY, ALL_SCOPES, "catalogue and operators"),
        ]

    def _new_key(self, name: str, scopes: tuple[Scope, ...], note: str) -> dict[str, Any]:
        secret = new_server_key(self.tenant)
        write_private(self.path / name, secret)
        return {"sha256": hash_key(secret), "scopes": list(scopes), "note": note}

    def gate(self) -> GateReport | None:
        """The decision on the version that was trained last; None before there is one."""
        path = self.path / "evaluate" / REPORT_FILE
        return GateReport.from_json(json.loads(path.read_text())) if path.exists() else None

    def table(self) -> str:
        """How good each method is, as evaluation wrote it; empty before it did."""
        path = self.path / "evaluate" / "table.md"
        return path.read_text() if path.exists() else ""

    def trained_at(self) -> datetime | None:
        """When the bundle was made; None before."""
        path = self.path / "bundle" / "manifest.json"
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None

    def note_registered(self, version: dict[str, Any]) -> None:
        """Keep what the registry said."""
        (self.path / _REGISTERED).write_text(json.dumps(version))

    def registered(self) -> dict[str, Any] | None:
        """What the registry said last; None before a version was registered."""
        path = self.path / _REGISTERED
        found: dict[str, Any] | None = json.loads(path.read_text()) if path.exists() else None
        return found

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path)


def all_shops(root: Path = Path()) -> list[ShopFolder]:
    """Every added shop, in the order of their names."""
    return [ShopFolder(tenant, root) for tenant in params.added(root)]
