"""Which versions the serving slots have loaded, asked of their `/models`."""

import logging
from collections.abc import Mapping
from typing import Protocol

import httpx

from recommndr.release import SLOTS, Slot
from recommndr_rollout.weights import Loaded

_log = logging.getLogger(__name__)


class Slots(Protocol):
    """The serving slots as rollout sees them."""

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
            response = self._client.get(f"{self._urls[slot]}/models")
            response.raise_for_status()
            return {model["tenant"]: model["version"] for model in response.json()["models"]}
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as cause:
            _log.debug("slot %s tells no models: %s", slot, cause)
            return {}
