"""The clock of live runs: passed in, so that tests play hours in no time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, how much has passed, and how to wait."""

    now: Callable[[], datetime]
    elapsed_s: Callable[[], float]  # since some instant; never goes back
    sleep: Callable[[float], Awaitable[None]]


WALL_CLOCK = Clock(lambda: datetime.now(UTC), time.perf_counter, asyncio.sleep)
