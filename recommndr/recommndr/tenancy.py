"""Tenants: their policies and the hashes of their server keys (`tenants.yaml`).

A server key looks like `rk_<tenant>_<secret>`; only its SHA-256 is stored. Keys are long and random, so a plain hash is enough.
By default a key may read and send events; it has an id for logs, and may have an expiry date.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from recommndr.counting import Counting
from recommndr.events import (
    BROWSER_KINDS,
    DEFAULT_WEIGHTS,
    KINDS,
    MAX_OWN_KINDS,
    MAX_PRICE_MINOR,
    MAX_QUANTITY,
    N_KIND_SLOTS,
    NOT_ACTIONS,
    KindName,
    kind_code,
)
from recommndr.identity import Tenant, TenantId
from recommndr.release_policy import ReleasePolicy

Scope = Literal["read", "events", "catalogue"]
ALL_SCOPES: tuple[Scope, ...] = ("read", "events", "catalogue")
# Scopes that a storefront needs: lists, events, and tokens for its shoppers' browsers.
NARROW_SCOPES: tuple[Scope, ...] = ("read", "events")
KEY_PREFIX = "rk_"
_MIN_SECRET_CHARS = 24
# The file is read again when it changes; libyaml's reader is ten times as fast.
_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnknownKey(PermissionError):
    """No tenant of this installation has this credential."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerKey(_Frozen):
    """A hashed server key, its scopes and its expiry."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...] = NARROW_SCOPES
    expires_at: AwareDatetime | None = Field(
        default=None, description="time from which the key is refused; without it the key does not expire"
    )
    note: str = Field(default="", max_length=200, description="note: who holds the key")

    @property
    def id(self) -> str:
        """The key's id in logs and on the command line: the beginning of its hash, which does not reveal the key."""
        return f"k{self.sha256[:10]}"

    def is_expired(self, now: datetime) -> bool:
        """Whether the key has expired."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The tenant whose key a request carried, and the key's id."""

    tenant: TenantId
    key_id: str


def _check_network(network: str) -> str:
    return str(ip_network(network))


Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.\[\]:-]+$")]  # as browsers send it: without path and final slash
Network = Annotated[str, AfterValidator(_check_network)]


class TenantPolicy(_Frozen):
    """The settings of one shop; every field has a default."""

    own_kinds: tuple[KindName, ...] = Field(
        default=(),
        max_length=MAX_OWN_KINDS,
        description="kinds of events that only this shop has; append only, because the position is the code in all states",
    )
    weights: dict[str, FiniteFloat] = Field(
        default_factory=dict, description="weights of its own kinds, and overrides of the others' default weights"
    )
    target_kind: str = "purchase"
    label_horizon_days: float = Field(default=14.0, gt=0)
    purchase_half_life_days: float = Field(default=90.0, gt=0)
    conversion_window_hours: float = Field(default=24.0, gt=0)
    keys: tuple[ServerKey, ...] = ()
    extra_browser_kinds: tuple[str, ...] = Field(
        default=(),
        description="what shoppers' browsers may send beside views, clicks, carts and the like: purchase, or the shop's "
        "own kinds. Such events are marked, and no release is judged by them",
    )
    max_events_per_s: int = Field(
        default=1_000, ge=1, description="events of the shop, at one collector; ten seconds' worth may come at once"
    )
    max_lines_per_s: int = Field(default=10_000, ge=1, description="lines of its events, likewise")
    max_unknown_items: int = Field(
        default=10_000,
        ge=0,
        description="how many items that the catalogue lacks events may name, at one collector since its start; "
        "events with further ones are refused",
    )
    max_shopper_events_per_min: int = Field(
        default=600, ge=1, description="events that one shopper's browser may send a minute"
    )
    shopper_kept_days: float = Field(
        default=730.0,
        ge=1,
        description="for how many days after the last event a shopper's features are kept; the lake keeps the events",
    )
    max_repeats_per_day: int = Field(
        default=20,
        ge=1,
        description="how often a shopper may do the same with the same item in a day; more is kept, but neither counters of "
        "items nor training count it",
    )
    robot_events_per_hour: int = Field(
        default=1_000,
        ge=60,
        description="events of one shopper, without impressions, beyond which the shopper is taken for a robot, likewise",
    )
    max_quantity: int = Field(default=10_000, ge=1, le=MAX_QUANTITY, description="highest quantity of a line of an event")
    max_price_minor: int = Field(
        default=1_000_000_000,
        ge=1,
        le=MAX_PRICE_MINOR,
        description="highest price of one unit, of events and of items, in minor units",
    )
    blocked_categories: tuple[tuple[str, ...], ...] = Field(
        default=(),
        description="paths, from the root, of categories whose items are never shown; their events are still trained on",
    )
    unnamed_brand_prefix: str | None = Field(
        default=None,
        min_length=1,
        description="prefix of brands that are codes without a name; they are used for ranking and never shown",
    )
    max_per_category: int | None = Field(
        default=None, ge=1, description="places of a shopper's list at most for items of one category (the whole path)"
    )
    max_per_brand: int | None = Field(
        default=None, ge=1, description="places of a shopper's list at most for items of one brand"
    )
    diversity: float = Field(
        default=0.0, ge=0.0, le=1.0, description="how different the items of a shopper's list are, by category and brand"
    )
    origins: tuple[Origin, ...] = Field(
        default=(), description="origins whose pages may call the edge (CORS): https://shop.example"
    )
    max_requests_per_s: int = Field(default=1_000, ge=1, description="of all its shoppers' browsers together, at one edge")
    max_server_requests_per_s: int = Field(default=1_000, ge=1, description="of all its servers together, at one edge")
    denied_addresses: tuple[Network, ...] = Field(
        default=(), description="networks (CIDR) whose requests are refused at the edge"
    )
    allowed_addresses: tuple[Network, ...] = Field(default=(), description="when given, the only networks that may call")
    release: ReleasePolicy = Field(default=ReleasePolicy(), description="how its releases go, and what they are judged by")

    @model_validator(mode="after")
    def _kinds_exist(self) -> Self:
        taken = sorted(set(self.own_kinds) & {*KINDS, *NOT_ACTIONS})
        if taken:
            raise ValueError(f"own_kinds {taken}: expected names that no kind has yet")
        if len(set(self.own_kinds)) < len(self.own_kinds):
            raise ValueError(f"own_kinds {list(self.own_kinds)}: expected each name once")
        unknown = sorted({*self.weights, self.target_kind, *self.extra_browser_kinds} - set(self.kinds))
        if unknown:
            raise ValueError(f"unknown event kinds {unknown}: expected some of {list(self.kinds)}")
        weightless = [kind for kind in self.own_kinds if kind not in self.weights]
        if weightless:
            raise ValueError(f"own_kinds {weightless}: expected a weight of each under `weights`")
        if not all(self.blocked_categories):
            raise ValueError(
                "blocked_categories: a path is empty, which would block every item: expected at least one name each"
            )
        if self.weight(self.target_kind) <= 0.0:
            raise ValueError(f"target_kind {self.target_kind!r} has weight {self.weight(self.target_kind)}: expected > 0")
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind this tenant's events may have, except `identify`; the position is the code."""
        return (*KINDS, *self.own_kinds)

    @property
    def browser_kinds(self) -> tuple[str, ...]:
        """Every kind that a shopper's browser may send."""
        return tuple(kind for kind in self.kinds if kind in BROWSER_KINDS or kind in self.extra_browser_kinds)

    def kind_code(self, kind: str) -> int:
        """Code of a kind in states and bytes; raises `ValueError` for a kind this tenant does not have."""
        return kind_code(kind, self.own_kinds)

    def weight(self, kind: str) -> float:
        """Weight of one event of `kind`; raises `ValueError` for a kind this tenant does not have."""
        if kind in self.weights:
            return self.weights[kind]
        return DEFAULT_WEIGHTS[KINDS[kind_code(kind)]]

    def weights_by_code(self) -> npt.NDArray[np.float64]:
        """(N_KIND_SLOTS,) weight of each kind by code; 0 for codes without a kind."""
        weights = np.zeros(N_KIND_SLOTS)
        weights[: len(self.kinds)] = [self.weight(kind) for kind in self.kinds]
        return weights

    @property
    def counting(self) -> Counting:
        """How the shop's shoppers are counted in states."""
        return Counting(self.purchase_half_life_days * 86_400.0, self.kind_code(self.target_kind))

    def relative_weights(self) -> npt.NDArray[np.float64]:
        """`weights_by_code` relative to the target kind, whose weight becomes 1."""
        return self.weights_by_code() / self.weight(self.target_kind)


class Tenants(_Frozen):
    """All tenants of an installation."""

    tenants: dict[Tenant, TenantPolicy]

    @classmethod
    def from_yaml(cls, text: str) -> "Tenants":
        """Parse the text of `tenants.yaml`; raises `ValueError` that names the field."""
        try:
            content = yaml.load(text, _Loader)  # noqa: S506 - a safe one
        except yaml.YAMLError as cause:
            raise ValueError(f"tenants: not YAML: {cause}") from None
        return cls.model_validate(content)

    def authenticate(self, server_key: str, *scopes: Scope, now: datetime) -> KeyHolder:
        """The holder of a key; raises `UnknownKey`, or `PermissionError` if the key lacks one of `scopes`."""
        tenant = TenantId(server_key.removeprefix(KEY_PREFIX).partition("_")[0])
        policy = self.tenants.get(tenant) if is_server_key(server_key) else None
        digest = hash_key(server_key)
        for key in () if policy is None else policy.keys:
            if hmac.compare_digest(key.sha256, digest) and not key.is_expired(now):
                lacking = [scope for scope in scopes if scope not in key.scopes]
                if lacking:
                    raise PermissionError(
                        f"key {key.id} of tenant {tenant!r} lacks scope {lacking[0]!r}: it has {list(key.scopes)}"
                    )
                return KeyHolder(tenant, key.id)
        raise UnknownKey(
            "server key unknown, revoked or expired: expected rk_<tenant>_<secret> of a tenant in this installation"
        )


def is_server_key(credential: str) -> bool:
    """Whether a bearer credential looks like a server key; Envoy distinguishes it from shoppers' tokens by the same prefix."""
    return credential.startswith(KEY_PREFIX)


def hash_key(server_key: str) -> str:
    """SHA-256 of a server key in hex, as in `tenants.yaml`."""
    return hashlib.sha256(server_key.encode()).hexdigest()


def new_server_key(tenant: str) -> str:
    """A new server key: the tenant's name and 192 random bits."""
    return f"rk_{tenant}_{secrets.token_hex(_MIN_SECRET_CHARS)}"
