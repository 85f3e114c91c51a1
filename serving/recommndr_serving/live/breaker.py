"""A circuit breaker around user rows: while the store is down only one request per interval waits for its timeout.

CLOSED --`failures_to_open` in a row--> OPEN --`retry_after_s`--> one request tries: success -> CLOSED, failure -> OPEN
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from recommndr_serving.live.user_rows import Row, UserRows, UserRowUnavailable


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When to stop asking and when to try again."""

    failures_to_open: int = 5  # a few slow reads in a row are a short stall of the store, not an outage
    retry_after_s: float = 1.0


@dataclass(frozen=True, slots=True)
class BreakerState:
    """The state of a breaker."""

    failures: int = 0  # in a row
    retry_at_s: float = 0.0  # only used while open


def is_open(state: BreakerState, policy: BreakerPolicy) -> bool:
    """Whether the store counts as down."""
    return state.failures >= policy.failures_to_open


def may_ask(state: BreakerState, policy: BreakerPolicy, now_s: float) -> bool:
    """Whether a request may ask the store at `now_s`."""
    return not is_open(state, policy) or now_s >= state.retry_at_s


def asking(state: BreakerState, policy: BreakerPolicy, now_s: float) -> BreakerState:
    """The state while a request asks: others wait for the next retry, so that only one pays the timeout."""
    return replace(state, retry_at_s=now_s + policy.retry_after_s) if is_open(state, policy) else state


def after(state: BreakerState, policy: BreakerPolicy, succeeded: bool, now_s: float) -> BreakerState:
    """The state after a request succeeded or failed."""
    if succeeded:
        return BreakerState()
    return BreakerState(state.failures + 1, now_s + policy.retry_after_s)


class BreakerUserRows:
    """`rows` behind a breaker; implements `UserRows`."""

    def __init__(self, rows: UserRows, monotonic_s: Callable[[], float], policy: BreakerPolicy | None = None) -> None:
        self._rows = rows
        self._monotonic_s = monotonic_s
        self._policy = policy or BreakerPolicy()
        self._state = BreakerState()

    @property
    def open(self) -> bool:
        """Whether the store counts as down."""
        return is_open(self._state, self._policy)

    async def row(self, tenant: str, user_id: str) -> Row:
        """See `UserRows.row`; raises at once while the store counts as down."""
        now_s = self._monotonic_s()
        if not may_ask(self._state, self._policy, now_s):
            raise UserRowUnavailable("breaker_open")
        self._state = asking(self._state, self._policy, now_s)
        try:
            row = await self._rows.row(tenant, user_id)
        except UserRowUnavailable:
            self._state = after(self._state, self._policy, succeeded=False, now_s=self._monotonic_s())
            raise
        self._state = after(self._state, self._policy, succeeded=True, now_s=now_s)
        return row

    async def close(self) -> None:
        """See `UserRows.close`."""
        await self._rows.close()
