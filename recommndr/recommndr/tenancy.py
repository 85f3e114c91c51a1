"""Tenants: who they are, what they may change, and which key is whose (`tenants.yaml`).

A server key reads `rk_<tenant>_<secret>`; only its SHA-256 is stored. Keys are long and random, so a plain hash is enough.
"""

import hashlib
import hmac
import secrets
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from recommndr.events import DEFAULT_WEIGHTS, KINDS
from recommndr.identity import Tenant, TenantId

Scope = Literal["read", "events", "catalogue", "admin"]
ALL_SCOPES: tuple[Scope, ...] = ("read", "events", "catalogue", "admin")
_MIN_SECRET_CHARS = 24


class UnknownKey(PermissionError):
    """The credential is of no tenant of this installation."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerKey(_Frozen):
    """A hashed server key and what it may do."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...] = ALL_SCOPES


class TenantPolicy(_Frozen):
    """What a shop may set for itself; every field has the default that suits a shop that sets nothing."""

    weights: dict[str, float] = Field(default_factory=dict, description="overrides of the kinds' default weights")
    target_kind: str = "purchase"
    label_horizon_days: float = Field(default=14.0, gt=0)
    purchase_half_life_days: float = Field(default=90.0, gt=0)
    conversion_window_hours: float = Field(default=24.0, gt=0)
    keys: tuple[ServerKey, ...] = ()

    @model_validator(mode="after")
    def _kinds_exist(self) -> Self:
        unknown = sorted({*self.weights, self.target_kind} - set(KINDS))
        if unknown:
            raise ValueError(f"unknown event kinds {unknown}: expected some of {list(KINDS)}")
        return self

    def weight(self, kind: str) -> float:
        """Weight of one event of `kind` for this tenant."""
        return self.weights.get(kind, DEFAULT_WEIGHTS[kind])


class Tenants(_Frozen):
    """All tenants of an installation."""

    tenants: dict[Tenant, TenantPolicy]

    @classmethod
    def from_yaml(cls, text: str) -> "Tenants":
        """Parse the text of `tenants.yaml`; raises `pydantic.ValidationError` naming what is wrong."""
        return cls.model_validate(yaml.safe_load(text))

    def authenticate(self, server_key: str, scope: Scope) -> TenantId:
        """The tenant whose key this is; raises `UnknownKey`, or `PermissionError` when the key lacks `scope`."""
        prefix, _, rest = server_key.partition("_")
        tenant, _, secret = rest.partition("_")
        policy = self.tenants.get(TenantId(tenant))
        if prefix != "rk" or not secret or policy is None:
            raise UnknownKey("unknown server key: expected rk_<tenant>_<secret> of a tenant of this installation")
        digest = hash_key(server_key)
        for key in policy.keys:
            if hmac.compare_digest(key.sha256, digest):
                if scope not in key.scopes:
                    raise PermissionError(f"this key of tenant {tenant!r} lacks scope {scope!r}: it has {list(key.scopes)}")
                return TenantId(tenant)
        raise UnknownKey("unknown server key: expected rk_<tenant>_<secret> of a tenant of this installation")


def hash_key(server_key: str) -> str:
    """SHA-256 of a server key in hex, as `tenants.yaml` holds it."""
    return hashlib.sha256(server_key.encode()).hexdigest()


def new_server_key(tenant: str) -> str:
    """A fresh server key: 192 random bits behind the tenant's name."""
    return f"rk_{tenant}_{secrets.token_hex(_MIN_SECRET_CHARS)}"
