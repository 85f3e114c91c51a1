"""Release records for tests."""

from recommndr.identity import TenantId
from recommndr.release import Placement, Release, Slot


def placement(model_version: int = 1, slot: Slot = "blue") -> Placement:
    return Placement(version=f"bundle-{model_version}", model_version=model_version, slot=slot)


def record(tenant: str = "grocer", challenger_weight: int | None = None) -> Release:
    """Version 1 stable in blue; with a weight, version 2 as challenger in green."""
    return Release(
        tenant=TenantId(tenant),
        release_id=f"{tenant}-v1",
        stable=placement(),
        challenger=None if challenger_weight is None else placement(2, "green"),
        challenger_weight=challenger_weight or 0,
    )
