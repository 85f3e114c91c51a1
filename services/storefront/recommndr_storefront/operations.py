"""Rollout's figures for the operators' page, which a browser cannot ask for itself: rollout listens to its own network only."""

import logging
from dataclasses import dataclass

import httpx

_log = logging.getLogger(__name__)


class NoFigures(RuntimeError):
    """Rollout does not answer, or not with figures."""


@dataclass(frozen=True, slots=True)
class Operations:
    """One client of rollout's `GET /ops/figures`."""

    client: httpx.AsyncClient  # its base is rollout

    async def figures(self) -> bytes:
        """The answer as it is, JSON; raises `NoFigures`."""
        try:
            answer = await self.client.get("/ops/figures")
            answer.raise_for_status()
        except httpx.HTTPError as cause:
            _log.warning("GET /ops/figures of rollout at %s: %r", self.client.base_url, cause)
            raise NoFigures("rollout gives no figures; the storefront's log says why") from cause
        return answer.content
