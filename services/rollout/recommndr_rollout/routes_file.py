"""The file Envoy watches: replaced by rename, since Envoy reacts to moves into the folder and must never read half a file."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from recommndr.release import Slot
from recommndr_rollout.edge_policies import NO_POLICIES, Policies
from recommndr_rollout.routes import applied_weights, route_configuration
from recommndr_rollout.weights import Weights

_log = logging.getLogger(__name__)


class RoutesFile:
    """Envoy's routes on disk, under the tenants' policies; it holds what was applied last, also after a restart of rollout."""

    def __init__(self, path: Path, policies: Policies = NO_POLICIES) -> None:
        self._path = path
        self._policies = policies

    def knows(self, tenant: str) -> bool:
        """Whether the tenants file still has the tenant; without policies nobody has left."""
        return not self._policies or tenant in self._policies

    def applied(self) -> dict[str, dict[Slot, int]]:
        """Weights per tenant in the file; none when it is missing or cannot be read."""
        try:
            return applied_weights(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, IndexError, TypeError):
            _log.warning("%s cannot be read and will be written anew", self._path)
            return {}

    def apply(self, weights: Mapping[str, Weights]) -> bool:
        """Make the file hold these weights, and the policies; returns whether it had to change."""
        text = json.dumps(route_configuration(weights, self._policies), indent=1)
        if self._path.exists() and self._path.read_text() == text:
            return False
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(text)
        temporary.rename(self._path)
        return True
