"""Passes the operators' page's requests on to rollout, because browsers cannot reach rollout."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

_log = logging.getLogger(__name__)
# Rollout explains these to the operator: not valid, not allowed by the record.
_EXPLAINED = frozenset({400, 409})
_REFUSED_LOGIN = frozenset({401, 403})


class RolloutAway(RuntimeError):
    """Rollout does not answer, or not with what it was asked for; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rollout's answer, unchanged."""

    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Operations:
    """One client of rollout."""

    client: httpx.AsyncClient  # its base is rollout

    async def figures(self) -> Answer:
        """The newest figures; raises `RolloutAway`."""
        return await self._ask("GET", "/ops/figures")

    async def series(self, query: Mapping[str, str]) -> Answer:
        """Recorded series for sparklines, or why not; raises `RolloutAway`."""
        return await self._ask("GET", "/ops/series", params=dict(query))

    async def move(self, tenant: str, move: str, body: bytes, login: str) -> Answer:
        """Rollout's answer to an operator's move, made or refused in words; raises `RolloutAway`."""
        headers = {"authorization": login, "content-type": "application/json"}
        return await self._ask("POST", f"/rollout/{tenant}/{move}", content=body, headers=headers)

    async def code(self) -> Answer:
        """The code release under way, or the last one; raises `RolloutAway`."""
        return await self._ask("GET", "/code")

    async def move_code(self, move: str, body: bytes, login: str) -> Answer:
        """Rollout's answer to an operator's move of a code release; raises `RolloutAway`."""
        headers = {"authorization": login, "content-type": "application/json"}
        return await self._ask("POST", f"/code/{move}", content=body, headers=headers)

    async def _ask(self, method: str, path: str, **sent: Any) -> Answer:
        try:
            answer = await self.client.request(method, path, **sent)
        except httpx.ReadTimeout as cause:
            self._log(method, path, cause)
            done = (
                "nothing is shown"
                if method == "GET"
                else "it may have done it all the same: read the history before you repeat"
            )
            raise RolloutAway(f"rollout did not answer in time; {done}") from cause
        except httpx.HTTPError as cause:
            self._log(method, path, cause)
            raise RolloutAway("rollout does not answer; the storefront's log has the reason") from cause
        if answer.is_success or answer.status_code in _EXPLAINED:
            return Answer(answer.status_code, answer.content, answer.headers.get("content-type", "application/json"))
        self._log(method, path, answer.status_code)
        if answer.status_code in _REFUSED_LOGIN:
            raise RolloutAway(
                "rollout has another RECOMMNDR_OPERATIONS_PASSWORD than the storefront; restart both with the same"
            )
        raise RolloutAway(f"rollout answered with status {answer.status_code}; its log has the reason")

    def _log(self, method: str, path: str, cause: object) -> None:
        _log.warning("%s %s of rollout at %s: %r", method, path, self.client.base_url, cause)
