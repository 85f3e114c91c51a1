"""An event loop whose clock jumps: sleepers wake at once, in the order of their wake-up times."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from recommndr_simulation.clock import Clock

T = TypeVar("T")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class _Jumping(selectors.DefaultSelector):
    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # The loop asks for this when nothing is left to do before the next timer.
        self.now_s += max(timeout or 0.0, 0.0)
        return super().select(0 if timeout is not None else None)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def _elapsed_s() -> float:
    return asyncio.get_running_loop().time()


CLOCK = Clock(lambda: START + timedelta(seconds=_elapsed_s()), _elapsed_s, asyncio.sleep)


def played(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work` in virtual time that starts at `START`."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
