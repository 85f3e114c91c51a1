"""Shoppers' tokens: asked of the edge with the shop's server key, which no browser ever sees."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from recommndr.edge import TENANT_HEADER


class NoToken(RuntimeError):
    """There is no token now; `refused` where asking again would not help before somebody mends the cause."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Tokens:
    """One client of the edge's `POST /tokens`."""

    client: httpx.AsyncClient  # its base is the edge
    keys_dir: Path

    async def ask(self, tenant: str, user_id: str) -> dict[str, Any]:
        """The edge's answer: token, expires_at, expires_in_s; raises `NoToken`."""
        headers = {"authorization": f"Bearer {self._key(tenant)}", TENANT_HEADER: tenant}
        try:
            answer = await self.client.post("/tokens", json={"user_id": user_id}, headers=headers)
        except httpx.TransportError as cause:
            raise NoToken(f"the edge does not answer: {cause!r}") from cause
        if answer.status_code != httpx.codes.OK:
            refused = answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS
            raise NoToken(f"POST /tokens: {answer.status_code} {answer.text[:200]}", refused=refused)
        token: dict[str, Any] = answer.json()
        return token

    def _key(self, tenant: str) -> str:
        path = self.keys_dir / tenant
        try:
            return path.read_text().strip()
        except OSError as cause:
            raise NoToken(f"{path}: no server key of tenant {tenant!r} there ({cause.strerror})", refused=True) from cause
