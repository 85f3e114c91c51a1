"""The bundle: all files that one trained version of one tenant needs to answer, described by `manifest.json`.

A bundle is a directory, content-addressed: its version is the digest of its manifest without the version, and the manifest
holds the digest of every other file. Arrays are `.npy` without pickles, models ONNX, the rest JSON or Parquet: loading runs
no code. A bundle that fails its checksums, its format or its self-test is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recommndr.events import KIND_CODE, N_KIND_SLOTS
from recommndr.identity import Tenant
from recommndr.list_scope import Scope
from recommndr.tenancy import TenantPolicy

MANIFEST = "manifest.json"
N_GOLDEN_REQUESTS = 10
# The retrievers of bundles whose manifest does not name any: there were no others then.
FIRST_RETRIEVERS = ("buy_again", "recent", "neighbours", "co_visits", "als", "first_purchases", "popularity")


# Fields that came after the first bundles were sealed. A field that is added must have a default and be listed here.
_LATER_FIELDS = ("retrievers", "target", "n_ranked", "scope_methods")


class BundleRefused(ValueError):
    """The bundle cannot be served; the message says which file or field, what it holds and what was expected."""


class _Frozen(BaseModel):
    # NaN is a default of ranker columns, but JSON has no number for it.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class FileEntry(_Frozen):
    """One file of the bundle."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    n_bytes: int = Field(ge=0)


class RankerColumn(_Frozen):
    """One column of the ranker's input, in its place."""

    name: str
    dtype: Literal["float32"] = "float32"
    default: float = 0.0


class TrainingData(_Frozen):
    """The training data of the version; nothing of `until` or later was known."""

    sha256: str
    since: datetime
    until: datetime
    n_lines: int
    n_users: int
    n_items: int


class RouterThresholds(_Frozen):
    """The number of events from which a shopper's long history is used by more retrievers."""

    warm_events: int = 5


class Manifest(_Frozen):
    """The contents of a bundle, the code and data it was made from, and its offline metrics."""

    format_version: Literal[1] = 1
    tenant: Tenant
    version: str = Field(default="", description="digest of all other fields; filled by `sealed`")
    code_revision: str
    training_data: TrainingData
    files: dict[str, FileEntry]
    ranker_columns: tuple[RankerColumn, ...]
    parameters: dict[str, float | int | str] = Field(description="numbers a retriever needs to read its arrays, `part.name`")
    weights: dict[str, float] = Field(description="of retrievers, where no ranker orders")
    retrievers: tuple[str, ...] = Field(
        default=FIRST_RETRIEVERS, description="names of the retrievers, in the order of their bits; serving opens only these"
    )
    method: str = Field(default="ranker", description="what orders the lists: ranker, weighted, or the name of one retriever")
    scope_methods: dict[Scope, str] = Field(default={}, description="what orders the lists of a scope where it is not `method`")
    n_ranked: int | None = Field(
        default=None, ge=1, description="how many candidates the ranker scores, the best of the blended scores; null: all"
    )
    kind_weights: tuple[float, ...] = Field(
        default=tuple(TenantPolicy().relative_weights().tolist()),
        min_length=N_KIND_SLOTS,
        max_length=N_KIND_SLOTS,
        description="the tenant's weights that the ranker learnt with, by code, relative to the target kind; slots use today's",
    )
    target: int = Field(
        default=KIND_CODE["purchase"],
        ge=0,
        lt=N_KIND_SLOTS,
        description="code of the kind of event that the bundle was trained for",
    )
    router: RouterThresholds = RouterThresholds()
    metrics: dict[str, float]

    @model_validator(mode="after")
    def _paths_stay_inside(self) -> Self:
        for path in self.files:
            if path == MANIFEST or path.startswith("/") or ".." in path.split("/"):
                raise ValueError(f"file {path!r}: expected a relative path inside the bundle")
        return self

    def method_of(self, scope: Scope) -> str:
        """What orders the lists of a scope."""
        return self.scope_methods.get(scope, self.method)

    def digest(self) -> str:
        """First 16 hex digits of the SHA-256 over all fields but the version, and but later fields at their default.

        So the digest of a manifest that was written before a later field existed stays what it was.
        """
        untouched = {name for name in _LATER_FIELDS if getattr(self, name) == type(self).model_fields[name].default}
        fields = self.model_dump(mode="json", exclude={"version", *untouched})
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]

    def sealed(self) -> "Manifest":
        """The manifest with its version filled in."""
        return self.model_copy(update={"version": self.digest()})

    def check(self, actual: Mapping[str, FileEntry]) -> None:
        """Raise `BundleRefused` unless the version is the digest and `actual` files are exactly those described."""
        if self.version != self.digest():
            raise BundleRefused(f"{MANIFEST}: version {self.version!r}, expected its digest {self.digest()!r}")
        for path, expected in self.files.items():
            if path not in actual:
                raise BundleRefused(f"{path}: missing, expected {expected.n_bytes} bytes")
            if actual[path] != expected:
                raise BundleRefused(
                    f"{path}: {actual[path].n_bytes} bytes with sha256 {actual[path].sha256[:12]}…, "
                    f"expected {expected.n_bytes} bytes with {expected.sha256[:12]}…"
                )
        surplus = sorted(set(actual) - set(self.files))
        if surplus:
            raise BundleRefused(f"{surplus[0]}: not in {MANIFEST}")
