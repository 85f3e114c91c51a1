"""Fetches rollout's figures for the operators' page, because browsers cannot reach rollout."""

import logging
from dataclasses import dataclass

import httpx

_log = logging.getLogger(__name__)


class NoFigures(RuntimeError):
    """Rollout does not answer, or its answer has no figures."""


@dataclass(frozen=True, slots=True)
class Operations:
    """One client of rollout's `GET /ops/figures`."""

    client: httpx.AsyncClient  # its base is rollout

    async def figures(self) -> bytes:
        """Rollout's JSON answer, unchanged; raises `NoFigures`."""
        try:
            answer = await self.client.get("/ops/figures")
            answer.raise_for_status()
        except httpx.HTTPError as cause:
            _log.warning("GET /ops/figures of rollout at %s: %r", self.client.base_url, cause)
            raise NoFigures("rollout does not answer; the storefront's log has the reason") from cause
        return answer.content
