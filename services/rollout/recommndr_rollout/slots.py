"""Asks the serving slots at `/slot` which versions they have loaded."""

import logging
from collections.abc import Mapping
from typing import Protocol

import httpx

from recommndr.release import SLOTS, Slot
from recommndr_rollout.weights import Loaded

_log = logging.getLogger(__name__)


class Slots(Protocol):
    """The serving slots."""

    def loaded(self) -> Loaded:
        """Per slot and tenant the bundle version that answers; a slot that does not answer holds nothing."""
        ...


class HttpSlots:
    """Slots behind their HTTP ports."""

    def __init__(self, client: httpx.Client, urls: Mapping[Slot, str]) -> None:
        self._client = client
        self._urls = urls

    def loaded(self) -> Loaded:
        """Per slot and tenant the bundle version that answers; a slot that does not answer holds nothing."""
        return {slot: self._of(slot) for slot in SLOTS}

    def _of(self, slot: Slot) -> Mapping[str, str]:
        try:
            response = self._client.get(f"{self._urls[slot]}/slot")
            response.raise_for_status()
            tenants = response.json()["tenants"]
            return {tenant: held["version"] for tenant, held in tenants.items() if held["version"] is not None}
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as cause:
            _log.debug("slot %s does not answer which versions it has loaded: %s", slot, cause)
            return {}
