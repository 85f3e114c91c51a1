"""The verdicts on every shop as verdicts on the code that serves them all. Pure.

A rule fails if it fails at any shop. A rule on the process (`load`, `slot`) is healthy if it is at every shop; a rule that
needs samples is healthy if it is at one, because the code is the same and a shop with few requests must not hold the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from recommndr.release_policy import RULES, Consequence, ReleasePolicy, RuleName
from recommndr_rollout.verdict import Verdict

_AT_EVERY_SHOP: frozenset[RuleName] = frozenset({"load", "slot"})
_GRAVEST_FIRST: tuple[Consequence, ...] = ("act", "alert", "observe")


def heard(by_tenant: Mapping[str, Sequence[Verdict]]) -> list[Verdict]:
    """One verdict per rule that any shop has; a shop without a verdict counts as unknown."""
    found = []
    for rule in RULES:
        told = {tenant: one for tenant, verdicts in by_tenant.items() for one in verdicts if one.rule == rule}
        if told:
            found.append(_one(rule, told, len(by_tenant)))
    return found


def strictest(policies: Iterable[ReleasePolicy]) -> ReleasePolicy:
    """Times that are long enough for every shop."""
    every = list(policies) or [ReleasePolicy()]
    names = ("min_step_s", "patience_s", "watch_s", "return_s", "settle_s")
    return ReleasePolicy.model_validate({name: max(getattr(one, name) for one in every) for name in names})


def _one(rule: RuleName, told: Mapping[str, Verdict], n_tenants: int) -> Verdict:
    failing = [(tenant, one) for tenant, one in told.items() if one.health == "failing"]
    if failing:
        tenant, gravest = min(failing, key=lambda found: (_GRAVEST_FIRST.index(found[1].consequence), not found[1].at_once))
        return replace(gravest, finding=f"{tenant}: {gravest.finding}")
    healthy = [(tenant, one) for tenant, one in told.items() if one.health == "healthy"]
    needed = n_tenants if rule in _AT_EVERY_SHOP else 1
    if len(healthy) >= needed:
        return replace(healthy[0][1], finding=f"{rule}: healthy at {len(healthy)} of {n_tenants} shops")
    unsure = next((one for one in told.items() if one[1].health == "unknown"), None)
    if unsure is None:
        return replace(healthy[0][1], health="unknown", finding=f"{rule}: judged at {len(told)} of {n_tenants} shops only")
    return replace(unsure[1], finding=f"{unsure[0]}: {unsure[1].finding}")
