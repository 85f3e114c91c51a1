"""Envoy's routes on disk."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from recommndr.release import Slot
from recommndr_rollout.edge_policies import NO_POLICIES, Policies
from recommndr_rollout.replaced_file import replace
from recommndr_rollout.routes import applied_weights, route_configuration
from recommndr_rollout.weights import Weights

_log = logging.getLogger(__name__)


class RoutesFile:
    """Envoy's routes with the tenants' current policies; the file has the last applied weights, also after a restart."""

    def __init__(self, path: Path, policies: Callable[[], Policies] = lambda: NO_POLICIES) -> None:
        self._path = path
        self._policies = policies

    def knows(self, tenant: str) -> bool:
        """Whether the tenants file still has the tenant; without policies all tenants count as known."""
        policies = self._policies()
        return not policies or tenant in policies

    def applied(self) -> dict[str, dict[Slot, int]]:
        """Weights per tenant in the file; none when it is missing or cannot be read."""
        try:
            return applied_weights(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, IndexError, TypeError):
            _log.warning("%s cannot be read; it will be rewritten", self._path)
            return {}

    def apply(self, weights: Mapping[str, Weights]) -> bool:
        """Write these weights and the policies to the file if they differ; returns whether they did."""
        return replace(self._path, json.dumps(route_configuration(weights, self._policies()), indent=1))
