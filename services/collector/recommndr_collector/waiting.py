"""Records that wait for the broker's answer, and how the answers get to the event loop."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from recommndr_collector.event_log import NotAcknowledged
from recommndr_collector.kafka_producer import Producer
from recommndr_collector.turns import SLICE_S


class Link:
    """A producer, and its records that have no answer yet."""

    def __init__(self, producer: Producer) -> None:
        self.producer = producer
        self.answered = asyncio.Event()  # set while no record waits
        self.answered.set()
        self._waiting: set[Waiting] = set()

    def add(self, waiting: "Waiting") -> None:
        """Count one more waiting record."""
        self._waiting.add(waiting)
        self.answered.clear()

    def remove(self, waiting: "Waiting") -> bool:
        """Whether the record waited until now."""
        if waiting not in self._waiting:
            return False
        self._waiting.remove(waiting)
        if not self._waiting:
            self.answered.set()
        return True


@dataclass(eq=False, slots=True)
class Waiting:
    """A record without an answer."""

    link: Link
    tenant: str
    n_bytes: int
    done: asyncio.Future[None]

    def answer(self, cause: Exception | None) -> None:
        """Resolve the future, unless the client has left and cancelled it."""
        if self.done.done():
            return
        if cause is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(NotAcknowledged("not_acknowledged", str(cause)))


class Answers:
    """Settles records on the event loop, a slice of them per pass, when the producer's thread answers or their time is over.

    A wake-up of the loop and a timer per record cost as much as validating the event, so many records share one of each.
    """

    def __init__(
        self,
        settle: Callable[[Waiting, Exception | None], None],
        timeout_s: float,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settle, self._timeout_s, self._clock = settle, timeout_s, clock
        self._come: deque[tuple[Waiting, Exception | None]] = deque()
        self._due_s: dict[Waiting, float] = {}  # oldest first
        self._woken = False
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, waiting: Waiting) -> Callable[[Exception | None], None]:
        """Wait for a record's answer; the result is called with it on any thread."""
        loop = asyncio.get_running_loop()
        # The producer's own timeout does not run while it waits for a producer id.
        self._due_s[waiting] = loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = loop.call_later(self._timeout_s, self._expire, loop)
        return lambda cause: self._put(loop, waiting, cause)

    def _put(self, loop: asyncio.AbstractEventLoop, waiting: Waiting, cause: Exception | None) -> None:
        self._come.append((waiting, cause))
        if not self._woken:
            self._woken = True
            loop.call_soon_threadsafe(self._drain, loop)

    def _drain(self, loop: asyncio.AbstractEventLoop) -> None:
        ends_s = self._clock() + SLICE_S
        while self._come:
            waiting, cause = self._come.popleft()
            self._due_s.pop(waiting, None)
            self._settle(waiting, cause)
            if self._clock() >= ends_s:
                break
        self._woken = False
        if self._come:  # looked at after the flag, so that no answer put in between is left lying
            self._woken = True
            loop.call_soon(self._drain, loop)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        late = TimeoutError("no answer in time")
        while self._due_s:
            waiting, due_s = next(iter(self._due_s.items()))
            if due_s > loop.time():
                self._timer = loop.call_at(due_s, self._expire, loop)
                return
            del self._due_s[waiting]
            self._put(loop, waiting, late)
