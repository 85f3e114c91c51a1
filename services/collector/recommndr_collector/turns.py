"""Long work in slices, so that the event loop answers other requests in between."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from recommndr_http.json_shape import JsonList

# A slice ends with the member that exceeds this. The goal is that nothing holds the loop for more than 10 ms.
SLICE_S = 0.002
# Below this size, splitting takes less than a millisecond; above, it runs on a thread.
_BYTES_AT_ONCE = 131_072

T = TypeVar("T")
R = TypeVar("R")


async def split(how: Callable[[bytes], JsonList], payload: bytes) -> JsonList:
    """A body split by `how`, on a thread if it is long."""
    return how(payload) if len(payload) <= _BYTES_AT_ONCE else await asyncio.to_thread(how, payload)


class Turns:
    """One slice of work in each pass of the loop, however many requests have some; the requests take turns."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def each(self, work: Callable[[T], R], members: Iterable[T]) -> list[R]:
        """What `work` returns for each of the members."""
        done: list[R] = []
        rest, more = iter(members), True
        while more:
            async with self._one_at_a_time:
                more = self._slice(work, rest, done)
                # Within the lock: otherwise the next request's slice would run in the same pass.
                await asyncio.sleep(0)
        return done

    def _slice(self, work: Callable[[T], R], rest: Iterator[T], done: list[R]) -> bool:
        ends_s = self._clock() + SLICE_S
        for member in rest:
            done.append(work(member))
            if self._clock() >= ends_s:
                return True
        return False
