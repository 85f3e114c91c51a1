"""One tick: release records -> Envoy's routes. Level-triggered: computed from the saved records, never from earlier steps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recommndr.release import Release, ReleaseStore
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.slots import Slots
from recommndr_rollout.weights import Weights, weights_to_apply


@dataclass(frozen=True, slots=True)
class Tick:
    """The result of one tick."""

    releases: Sequence[Release]
    n_waiting: int  # tenants whose weights wait for a slot to load
    changed: bool
    lost: Collection[str] = ()  # tenants whose record cannot be read or is gone


def tick(store: ReleaseStore, slots: Slots, routes: RoutesFile) -> Tick:
    """Apply all records once. A tenant whose record is lost keeps the weights that were applied last."""
    releases = list(store.load_all())
    applied = routes.applied()
    behind = [release for release in releases if dict(applied.get(release.tenant, {})) != dict(release.weights())]
    loaded = slots.loaded() if behind else {}  # slots are asked only when a weight would change
    weights: dict[str, Weights] = {
        release.tenant: weights_to_apply(release, loaded, applied.get(release.tenant)) for release in releases
    }
    waiting = sum(weights[release.tenant] != release.weights() for release in releases)
    lost = {tenant for tenant in {*store.tenants(), *applied} - {*weights} if routes.knows(tenant)}
    kept = {tenant: applied[tenant] for tenant in lost & {*applied}}
    return Tick(releases, waiting, routes.apply(weights | kept), lost)
