"""Rollout's figures for the operators' page, which a browser cannot ask for itself: rollout listens to its own network only."""

from dataclasses import dataclass

import httpx


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
            raise NoFigures(f"rollout at {self.client.base_url} has no figures: {cause!r}") from cause
        return answer.content
