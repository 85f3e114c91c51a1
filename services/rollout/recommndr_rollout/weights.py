"""Weights that can be applied now: a slot gets more of a tenant's traffic only after it has loaded the version; pure."""

from collections.abc import Mapping

from recommndr.release import Release, Slot

Weights = Mapping[Slot, int]  # basis points of one tenant's traffic
Loaded = Mapping[Slot, Mapping[str, str]]  # slot -> tenant -> bundle version that answers there


def weights_to_apply(release: Release, loaded: Loaded, applied: Weights | None) -> Weights:
    """The record's weights, or the applied ones while a slot that should get more is not ready.

    When no weights are applied yet, the record's weights are returned.
    """
    wanted = release.weights()
    if applied is None:
        return wanted
    grows = [slot for slot, weight in wanted.items() if weight > applied.get(slot, 0)]
    return wanted if all(_has_loaded(release, slot, loaded) for slot in grows) else applied


def _has_loaded(release: Release, slot: Slot, loaded: Loaded) -> bool:
    return loaded.get(slot, {}).get(release.tenant) == release.placement(slot).version
