"""The parts of tenants' policies that the job uses; a tenant that is not listed has the defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from recommndr.tenancy import Tenants

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Policies:
    """By tenant: half-life of purchases in seconds, and its own kinds of events in the order of their codes."""

    purchase_half_life_s: Mapping[str, float] = field(default_factory=dict)
    own_kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def from_tenants(cls, tenants: Tenants) -> Self:
        """The policies of an installation's tenants."""
        return cls(
            {tenant: policy.purchase_half_life_days * _DAY_S for tenant, policy in tenants.tenants.items()},
            {tenant: policy.own_kinds for tenant, policy in tenants.tenants.items()},
        )
