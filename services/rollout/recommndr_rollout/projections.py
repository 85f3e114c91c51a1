"""One tick: release records -> Envoy's routes. Level-triggered: computed from what is saved, never from what was done."""

from dataclasses import dataclass

from recommndr.release import ReleaseStore
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.slots import Slots
from recommndr_rollout.weights import Weights, weights_to_apply


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick did."""

    n_tenants: int
    n_waiting: int  # tenants whose weights wait for a slot to load
    changed: bool


def tick(store: ReleaseStore, slots: Slots, routes: RoutesFile) -> Tick:
    """Apply all records once."""
    releases = list(store.load_all())
    applied = routes.applied()
    behind = [release for release in releases if dict(applied.get(release.tenant, {})) != dict(release.weights())]
    loaded = slots.loaded() if behind else {}  # asked only when something is to move
    weights: dict[str, Weights] = {
        release.tenant: weights_to_apply(release, loaded, applied.get(release.tenant)) for release in releases
    }
    waiting = sum(weights[release.tenant] != release.weights() for release in releases)
    return Tick(len(releases), waiting, routes.apply(weights))
