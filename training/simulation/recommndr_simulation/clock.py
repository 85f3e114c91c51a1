"""The clock of live runs. It is passed in, so that tests need not wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The current time, the elapsed time, and how to wait."""

    now: Callable[[], datetime]
    elapsed_s: Callable[[], float]  # since some instant; never decreases
    sleep: Callable[[float], Awaitable[None]]


WALL_CLOCK = Clock(lambda: datetime.now(UTC), time.perf_counter, asyncio.sleep)
