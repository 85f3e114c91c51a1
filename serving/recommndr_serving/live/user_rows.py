"""A shopper's stored row: the protocol through which the request path reads the online store."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from recommndr.features.schema import StoredValue

Row = Mapping[str, StoredValue]


class UserRowUnavailable(RuntimeError):
    """The row could not be read in time; `reason` is timeout, down or breaker_open. An unseen shopper has an empty row."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"user row unavailable: {reason}{': ' if detail else ''}{detail}")
        self.reason = reason


class UserRows(Protocol):
    """The online store, as serving sees it; every implementation passes `tests/serving/test_user_rows.py`."""

    async def row(self, tenant: str, user_id: str) -> Row:
        """Stored columns of a shopper, empty for an unseen one; raises `UserRowUnavailable`, never blocks the loop."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class MemoryUserRows:
    """Rows in a dict, for tests and the embedded mode; `delay_s` and `down` imitate a store that is slow or down."""

    def __init__(self, rows: Mapping[tuple[str, str], Row], timeout_s: float = 0.05) -> None:
        self.rows = dict(rows)
        self._timeout_s = timeout_s
        self.delay_s = 0.0
        self.down = False
        self.n_asked = 0

    async def row(self, tenant: str, user_id: str) -> Row:
        """See `UserRows.row`."""
        self.n_asked += 1
        if self.down:
            raise UserRowUnavailable("down")
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.sleep(self.delay_s)
        except TimeoutError:
            raise UserRowUnavailable("timeout") from None
        return dict(self.rows.get((tenant, user_id), {}))

    async def close(self) -> None:
        """See `UserRows.close`."""
