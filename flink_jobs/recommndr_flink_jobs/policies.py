"""The parts of tenants' policies that the job uses; a tenant that is not listed has the defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from recommndr.counting import Counting
from recommndr.tenancy import TenantPolicy, Tenants


@dataclass(frozen=True, slots=True)
class Policies:
    """By tenant: how its shoppers are counted, its own kinds of events in the order of their codes, for how long after a click
    an order of the item counts for the list, and for how long a shopper who does not come is kept."""

    counting: Mapping[str, Counting] = field(default_factory=dict)
    own_kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    conversion_windows_s: Mapping[str, float] = field(default_factory=dict)
    kept_s: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_tenants(cls, tenants: Tenants) -> Self:
        """The policies of an installation's tenants."""
        return cls(
            {tenant: policy.counting for tenant, policy in tenants.tenants.items()},
            {tenant: policy.own_kinds for tenant, policy in tenants.tenants.items()},
            {tenant: policy.conversion_window_hours * 3_600.0 for tenant, policy in tenants.tenants.items()},
            {tenant: policy.shopper_kept_days * 86_400.0 for tenant, policy in tenants.tenants.items()},
        )

    def differ(self, other: Self) -> bool:
        """Whether the job would work otherwise. How shoppers are counted changes with seeds, and not by a start."""
        usual = TenantPolicy()
        defaults = (usual.own_kinds, usual.conversion_window_hours * 3_600.0, usual.shopper_kept_days * 86_400.0)
        mine, theirs = ((one.own_kinds, one.conversion_windows_s, one.kept_s) for one in (self, other))
        return any(
            ours.get(tenant, default) != others.get(tenant, default)
            for ours, others, default in zip(mine, theirs, defaults, strict=True)
            for tenant in ours.keys() | others.keys()
        )
