"""The typed content of `params.yaml`, with the tenant's policy from `tenants.yaml`, and the paths of a profile's files.

A stage reads its own section into its own frozen dataclass (`section(...)`), so a misspelt parameter stops the stage. A shop
that `recommndr shop add` added has both files of its own, in its folder (docs/adr, "settings in files of its own").
"""

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_training.validation.limits import Limits

PARAMS = Path("params.yaml")
TENANTS = Path("tenants.yaml")
# The profile of an added shop is this and its tenant's name, so its folder is var/shops/<tenant>.
ADDED = "shops/"
# A stage reads the file for every section that it needs; libyaml's reader is ten times as fast.
_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INSTANTS = ("since", "until", "gate_cut")


class BadParams(ValueError):
    """`params.yaml` has a missing or wrong value; the message says which and where."""


@dataclass(frozen=True, slots=True)
class DataParams:
    """A tenant's dataset in `params.yaml` with its policy: its period and where training ends."""

    tenant: str
    policy: TenantPolicy
    currency: str
    since: datetime  # the dataset's period; events outside are an error
    until: datetime
    gate_cut: datetime  # nothing of this instant or later is trained on
    unknown_items: Literal["drop", "keep"] = "drop"  # items in the log but not in the catalogue; if kept, the id is the title
    limits: Limits = field(default_factory=Limits)  # limits of the validation of this dataset

    @property
    def purchase_half_life_s(self) -> float:
        """Half-life of decayed purchase counts in shopper states."""
        return self.policy.purchase_half_life_days * 86_400.0

    @property
    def gate_cut_s(self) -> float:
        """Epoch seconds of `gate_cut`."""
        return self.gate_cut.timestamp()

    @property
    def gate_end_s(self) -> float:
        """Epoch seconds where the gate period ends."""
        return (self.gate_cut + timedelta(days=self.policy.label_horizon_days)).timestamp()


def profiles(path: Path = PARAMS) -> tuple[str, ...]:
    """Names of all profiles: those of the repository, then those of added shops."""
    return (*_read(path)["profiles"], *(f"{ADDED}{tenant}" for tenant in added(path.parent)))


def is_added(profile: str) -> bool:
    """Whether a profile is that of an added shop."""
    return profile.startswith(ADDED)


def added(root: Path = Path()) -> tuple[str, ...]:
    """Tenants of the shops that were added, in the order of their names."""
    return tuple(sorted(file.parent.name for file in (root / profile_dir(ADDED)).glob(f"*/{PARAMS}")))


def added_tenants(root: Path = Path()) -> dict[str, Any]:
    """The entries of added shops as they would stand in `tenants.yaml`: settings by tenant."""
    files = (root / profile_dir(f"{ADDED}{tenant}") / TENANTS for tenant in added(root))
    return {tenant: entry for file in files for tenant, entry in read_yaml(file)["tenants"].items()}


def repository_tenants(path: Path = TENANTS) -> tuple[str, ...]:
    """Tenants of the repository's tenants file, which are not added shops; none where there is no such file."""
    return tuple(read_yaml(path)["tenants"]) if path.exists() else ()


def file_of(profile: str, path: Path = PARAMS) -> Path:
    """The file that has a profile's parameters: `path`, or the added shop's own below the same folder."""
    return path.parent / profile_dir(profile) / PARAMS if is_added(profile) else path


def tenants_of(profile: str, path: Path = PARAMS) -> Path:
    """The tenants file that has a profile's tenant: the one beside its parameters."""
    return file_of(profile, path).parent / TENANTS


def data(profile: str, path: Path = PARAMS) -> DataParams:
    """The dataset of a profile; raises `BadParams`. Its tenant's policy is that of `tenants.yaml` beside its parameters."""
    path = file_of(profile, path)
    known = _read(path)
    tenant = str(_profile(known, profile, path).get("tenant"))
    if tenant not in known["datasets"]:
        raise BadParams(f"{path}: tenant {tenant!r} of profile {profile!r}: expected one of {', '.join(known['datasets'])}")
    values = dict(known["datasets"][tenant])
    instants = {field: _instant(path, f"datasets.{tenant}.{field}", values[field]) for field in _INSTANTS}
    limits = _limits(values.pop("validate", {}), f"{path}: datasets.{tenant}.validate")
    return DataParams(**values | instants, limits=limits, tenant=tenant, policy=policy(tenant, path.parent / TENANTS))


def policy(tenant: str, path: Path = TENANTS) -> TenantPolicy:
    """A tenant's policy in the repository's tenants file; raises `BadParams` for one that is not there."""
    tenants = Tenants.from_yaml(path.read_text()).tenants
    if tenant not in tenants:
        raise BadParams(f"{path}: no tenant {tenant!r}: expected one of {', '.join(tenants)}; add it there first")
    return tenants[TenantId(tenant)]


def _limits(values: dict[str, Any], where: str) -> Limits:
    try:
        return Limits.from_params(values)
    except TypeError as cause:
        raise BadParams(f"{where}: {cause}: expected some of {', '.join(limit.name for limit in fields(Limits))}") from None


def _instant(path: Path, name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = datetime.min
    if at.tzinfo is None:
        raise BadParams(f'{path}: {name} {text!r}: expected an instant in quotes, as "2017-12-18T00:00:00Z"')
    return at


def section(profile: str, stage: str, path: Path = PARAMS) -> dict[str, Any]:
    """Parameters of one stage of one profile; raises `BadParams` when there are none."""
    path = file_of(profile, path)
    known = _profile(_read(path), profile, path)
    if is_added(profile):
        return dict(known.get(stage) or {})  # its file names only what is not a default
    if stage not in known:
        raise BadParams(f"{path}: profile {profile!r} has no section {stage!r}: expected one of {', '.join(known)}")
    return dict(known[stage])


def _profile(values: dict[str, Any], profile: str, path: Path) -> dict[str, Any]:
    known = values["profiles"]
    if profile not in known:
        raise BadParams(f"{path}: no profile {profile!r}: expected one of {', '.join(known)}")
    found: dict[str, Any] = known[profile]
    return found


def profile_dir(profile: str) -> Path:
    """The folder of a profile; each stage has a subfolder."""
    return Path("var") / profile


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a file."""
    values: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - both are safe loaders
    return values


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_yaml(path)
    except FileNotFoundError:
        if path.parent != Path():
            raise BadParams(f"{path}: not found: add the shop with `recommndr shop add` first") from None
        raise BadParams(f"{path}: not found in {Path.cwd()}: run from the root of the repository") from None
