"""The profile of a shop that is trained on its lake: `shops/<tenant>/live`. Its settings are written anew at each training.

Period and gate cut are worked out from the data, as `recommndr shop add` does. Policies are those of the installation; sections
of stages and limits of validation those of the profile whose history the shop began with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_training import params
from recommndr_training.params import BadParams
from recommndr_training.shops.shop_settings import completeness, params_entry
from recommndr_training.shops.traffic import Traffic, traffic

_HEAD = "# Written by `recommndr train --tenant`, anew at each training. Change {where} instead.\n"
_FROM_IMPORT = ("tenant", "prepare", "refit")  # a version of a living shop learns up to its last event
_HORIZON = "label_horizon_days"


@dataclass(frozen=True, slots=True)
class Before:
    """What was settled before there was a live event: dataset and sections of stages of a profile of the shop."""

    dataset: Mapping[str, Any] = field(default_factory=dict)
    sections: Mapping[str, Any] = field(default_factory=dict)


def profile_of(tenant: str) -> str:
    """The profile's name; its folder lies in that of the added shop, if the shop is one."""
    return f"{params.ADDED}{tenant}/live"


def before(profile: str | None, tenant: str) -> Before:
    """The settings of the profile whose history a shop began with; none where it began with nothing."""
    if profile is None:
        return Before()
    known = params.read_yaml(params.file_of(profile))
    sections = {name: section for name, section in known["profiles"][profile].items() if name not in _FROM_IMPORT}
    return Before(known["datasets"][tenant], sections)


def entry_of(tenants_file: Path, tenant: str) -> dict[str, Any]:
    """A tenant's entry of the installation's tenants file, without its keys; raises `BadParams`."""
    tenants = params.read_yaml(tenants_file)["tenants"] if tenants_file.exists() else {}
    if tenant not in tenants:
        raise BadParams(f"{tenants_file}: no tenant {tenant!r}: expected one of {', '.join(tenants)}")
    return {name: value for name, value in tenants[tenant].items() if name != "keys"}


def found_in(lines: pa.Table, entry: Mapping[str, Any]) -> Traffic:
    """What the lines say. Target kind and horizon are the policy's, if it names a horizon."""
    policy = TenantPolicy.model_validate(entry)
    return traffic(lines, (policy.target_kind, policy.label_horizon_days) if _HORIZON in entry else None)


def dataset(tenant: str, found: Traffic, lines: pa.Table, items: pa.Table, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The content of `datasets.<tenant>`: the period that was found, and what was settled `earlier`."""
    lacking = completeness(lines, items["item_id"].combine_chunks(), items["currency"].combine_chunks())
    new = params_entry(tenant, found, lacking)["datasets"][tenant]
    measured, settled = new.pop("validate", {}), dict(earlier.get("validate", {}))
    closed = {*(str(day) for day in settled.get("closed_days", ())), *measured.get("closed_days", ())}
    # Limits that follow each new day would never refuse one: they are measured only where nobody has chosen any.
    limits = (settled if earlier else measured) | ({"closed_days": sorted(closed)} if closed else {})
    currency = {"currency": earlier["currency"]} if "currency" in earlier else {}
    content: dict[str, Any] = new | currency | ({"validate": limits} if limits else {})
    return content


def write(tenant: str, entry: Mapping[str, Any], settled: Mapping[str, Any], sections: Mapping[str, Any]) -> str:
    """Write both files and return the profile's name."""
    profile = profile_of(tenant)
    folder = params.profile_dir(profile)
    folder.mkdir(parents=True, exist_ok=True)
    content = {"tenants": {tenant: dict(entry)}}
    Tenants.model_validate(content)
    told = {"datasets": {tenant: dict(settled)}, "profiles": {profile: {"tenant": tenant, **sections}}}
    for name, value, where in (
        (params.TENANTS, content, "the installation's tenants file"),
        (params.PARAMS, told, "the profile of the shop's history"),
    ):
        (folder / name).write_text(_HEAD.format(where=where) + yaml.safe_dump(value, sort_keys=False))
    return profile


def with_horizon(entry: Mapping[str, Any], found: Traffic) -> dict[str, Any]:
    """The entry with the target kind and horizon that were found, where it names none."""
    return {"target_kind": found.target_kind, _HORIZON: found.horizon_days, **entry}
