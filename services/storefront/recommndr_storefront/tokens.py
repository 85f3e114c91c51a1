"""Requests shoppers' tokens from the edge with the shop's server key, which never reaches a browser."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from recommndr.edge import TENANT_HEADER

_log = logging.getLogger(__name__)


class NoToken(RuntimeError):
    """No token could be issued; `refused`: a retry does not help until the cause is fixed.

    The message goes to the browser; details for operators go to the log.
    """

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
            _log.warning("POST /tokens of tenant %s: the edge does not answer: %r", tenant, cause)
            raise NoToken("the edge does not answer") from cause
        if answer.status_code != httpx.codes.OK:
            refused = answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS
            _log.error("POST /tokens of tenant %s: %d %s", tenant, answer.status_code, answer.text[:200])
            raise NoToken(f"the edge gives no token: it answered {answer.status_code}", refused=refused)
        token: dict[str, Any] = answer.json()
        return token

    def _key(self, tenant: str) -> str:
        path = self.keys_dir / tenant
        try:
            return path.read_text().strip()
        except OSError as cause:
            _log.error("%s: no server key of tenant %s in this folder: %s", path, tenant, cause.strerror)
            raise NoToken(f"the shop {tenant!r} has no server key here", refused=True) from cause
