"""Asks the serving slots at `/slot` which versions they have loaded."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import httpx

from recommndr.release import SLOTS, Slot
from recommndr.settings import Settings
from recommndr_rollout.weights import Loaded

_log = logging.getLogger(__name__)


class Slots(Protocol):
    """The serving slots."""

    def loaded(self) -> Loaded:
        """Per slot and tenant the bundle version that answers; a slot that does not answer holds nothing."""
        ...


def slot_urls(settings: Settings) -> dict[Slot, str]:
    """Where the slots answer."""
    return {slot: f"http://{settings.host_of(slot)}:{settings.slot_port(slot)}" for slot in SLOTS}


class Quality(NamedTuple):
    """What training measured of a version, with its 95 % interval."""

    metric: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a slot says of a tenant."""

    version: str | None = None  # of the bundle that answers
    refused: Mapping[str, str] = field(default_factory=dict)  # reason by version
    quality: Quality | None = None  # of the bundle that answers


class HttpSlots:
    """Slots behind their HTTP ports."""

    def __init__(self, client: httpx.Client, urls: Mapping[Slot, str]) -> None:
        self._client = client
        self._urls = urls

    def loaded(self) -> Loaded:
        """Per slot and tenant the bundle version that answers; a slot that does not answer holds nothing."""
        return {
            slot: {tenant: one.version for tenant, one in by_tenant.items() if one.version is not None}
            for slot, by_tenant in self.held().items()
        }

    def held(self) -> dict[Slot, Mapping[str, Held]]:
        """Per slot and tenant what the slot says of it."""
        return {slot: self._of(slot) for slot in SLOTS}

    def running(self) -> dict[Slot, str]:
        """The revision of the code that each slot says it runs; a slot that does not answer is missing."""
        found: dict[Slot, str] = {}
        for slot in SLOTS:
            try:
                found[slot] = str(self._ask(slot).get("code", ""))  # one that runs code of before says nothing
            except (httpx.HTTPError, ValueError, AttributeError) as cause:
                _log.debug("slot %s does not answer which code it runs: %s", slot, cause)
        return found

    def _ask(self, slot: Slot) -> dict[str, Any]:
        response = self._client.get(f"{self._urls[slot]}/slot")
        response.raise_for_status()
        told: dict[str, Any] = response.json()
        return told

    def _of(self, slot: Slot) -> Mapping[str, Held]:
        try:
            return {tenant: _held(said) for tenant, said in self._ask(slot)["tenants"].items()}
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as cause:
            _log.debug("slot %s does not answer which versions it has loaded: %s", slot, cause)
            return {}


def _held(said: Mapping[str, Any]) -> Held:
    told = said.get("quality")  # a slot of the release before does not tell
    quality = None if told is None else Quality(told["metric"], told["value"], told.get("low"), told.get("high"))
    return Held(said["version"], said.get("refused", {}), quality)
