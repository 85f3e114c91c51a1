"""Sends a tenant's lake as live traffic: events in time order with shortened pauses, each as a new event that happens now.

    due(event) = beginning + (event_at - event_at of the first) / speed

Events that are due within the same quarter of a second go as one request at its end, so that no event is in the collector's
future. The number of concurrent requests is limited; if the collector is too slow for the speed, the replay lags behind and
reports the lag.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any, Protocol
from uuid import UUID, uuid5

import numpy as np
import pyarrow as pa

from recommndr_simulation.clock import Clock
from recommndr_simulation.storefront import Failed

WINDOW_S = 0.25
_MOST_EVENTS = 500  # what one request may hold
_MOST_BYTES = 800_000
_ROWS_AT_ONCE = 5_000
_LINE = ("item_id", "quantity", "price_minor", "currency", "position")
_CONTEXT = ("device", "os", "country", "region", "referrer", "page")
# An attribution token belongs to an old answer: it would be refused as expired.
_EVENT = ("kind", "user_id", "session_id", "query", "guest_id")


class Collector(Protocol):
    """Where events go."""

    async def send_all(self, events: Sequence[bytes]) -> list[Failed | None]:
        """Per event None, or why it failed; raises `Failed` if the whole request failed."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """One event of the lake: its time, and the other fields that a storefront would send."""

    at: datetime
    event_id: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one request, ready to be sent `due_s` after the beginning."""

    due_s: float
    events: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Replaying:
    """Settings of a replay."""

    speed: float
    run: UUID  # part of the new ids, so that a second replay is not a repeat of the first
    in_flight: int = 8


@dataclass(slots=True)
class Sent:
    """Progress, changed in place."""

    accepted: int = 0
    requests: int = 0
    lag_s: float = 0.0  # of the newest request
    longest_lag_s: float = 0.0
    reached: datetime | None = None
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    latency_s: list[float] = field(default_factory=list)

    @property
    def line(self) -> str:
        """A progress line."""
        lag = f", {self.lag_s:.1f} s behind what the speed asks" if self.lag_s > 1 else ""
        at = f" up to {self.reached:%Y-%m-%d %H:%M}" if self.reached else ""
        return f"{self.accepted} events{at}, {self.failures.total()} failed{lag}"

    def summary(self) -> dict[str, Any]:
        """All counts for JSON."""
        taken = np.percentile(np.array(self.latency_s) * 1_000, (50, 95, 99)) if self.latency_s else []
        return {
            "accepted": self.accepted,
            "requests": self.requests,
            "reached": self.reached.isoformat() if self.reached else None,
            "lag_s": round(self.lag_s, 2),
            "longest_lag_s": round(self.longest_lag_s, 2),
            "latency_ms": {f"p{level}": round(float(at), 1) for level, at in zip((50, 95, 99), taken, strict=False)},
            "failed": {reason: {"times": n, "example": self.examples[reason]} for reason, n in self.failures.most_common()},
        }


def past_events(tables: Iterable[pa.Table], limit: int | None = None) -> Iterator[Past]:
    """Events of tables of lake rows, in their order; a table holds whole events."""
    return islice((event for table in tables for event in _of_table(table)), limit)


def read_ahead(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same tables; a thread reads the next one while one is in use."""
    source = iter(tables)
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, source, None)
        while (table := coming.result()) is not None:
            coming = reader.submit(next, source, None)
            yield table


def _of_table(table: pa.Table) -> Iterator[Past]:
    rows = (row for part in table.to_batches(_ROWS_AT_ONCE) for row in part.to_pylist())
    for event_id, of_event in groupby(rows, key=lambda row: str(row["event_id"])):
        lines = list(of_event)
        first = lines[0]
        fields = _told(first, _EVENT) | {"context": _told(first, _CONTEXT)}
        fields["lines"] = [_told(line, _LINE) for line in lines if line["item_id"] is not None]
        yield Past(first["event_at"], event_id, fields)


def _told(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if row[name] is not None}


def batches(events: Iterable[Past], how: Replaying, began: datetime) -> Iterator[tuple[Batch, datetime]]:
    """Requests in order, and the original instant up to which each goes; as large as window and limit allow."""
    since: datetime | None = None
    window, n_bytes, held, reached = 0, 0, list[bytes](), began
    for event in events:
        since = since or event.at
        due_s = (event.at - since).total_seconds() / how.speed
        payload = _payload(event, how.run, began + timedelta(seconds=due_s))
        full = len(held) == _MOST_EVENTS or n_bytes + len(payload) > _MOST_BYTES
        if held and (full or int(due_s / WINDOW_S) != window):
            yield Batch((window + 1) * WINDOW_S, tuple(held)), reached
            held, n_bytes = [], 0
        held.append(payload)
        window, n_bytes, reached = int(due_s / WINDOW_S), n_bytes + len(payload), event.at
    if held:
        yield Batch((window + 1) * WINDOW_S, tuple(held)), reached


def _payload(event: Past, run: UUID, at: datetime) -> bytes:
    told = event.fields | {"event_id": str(uuid5(run, event.event_id)), "occurred_at": at.isoformat()}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


class LiveReplay:
    """One replay; `sent` has its current counts."""

    def __init__(self, collector: Collector, how: Replaying, clock: Clock) -> None:
        self.sent = Sent()
        self._collector, self._how, self._clock = collector, how, clock
        self._slots = asyncio.Semaphore(how.in_flight)
        self._broken: Exception | None = None

    async def run(self, events: Iterable[Past], stop: asyncio.Event) -> None:
        """Send `events` until none is left or `stop` is set; raises `NoAccess`, which ends all requests."""
        began, began_s = self._clock.now(), self._clock.elapsed_s()
        async with asyncio.TaskGroup() as under_way:
            for batch, reached in batches(events, self._how, began):
                await self._pause(batch.due_s - (self._clock.elapsed_s() - began_s), stop)
                await self._slots.acquire()
                if stop.is_set() or self._broken:
                    break
                self._lags(self._clock.elapsed_s() - began_s - batch.due_s)
                under_way.create_task(self._send(batch, reached))
        if self._broken:
            raise self._broken

    async def _pause(self, pause_s: float, stop: asyncio.Event) -> None:
        if pause_s <= 0:
            return
        ends = [asyncio.ensure_future(self._clock.sleep(pause_s)), asyncio.ensure_future(stop.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()

    def _lags(self, lag_s: float) -> None:
        self.sent.lag_s = max(0.0, lag_s)
        self.sent.longest_lag_s = max(self.sent.longest_lag_s, lag_s)

    async def _send(self, batch: Batch, reached: datetime) -> None:
        began_s = self._clock.elapsed_s()
        try:
            outcomes = await self._collector.send_all(batch.events)
        except Failed as cause:
            outcomes = [cause] * len(batch.events)
        except Exception as cause:  # `run` raises it itself instead of a group of one
            self._broken = cause
            return
        finally:
            self._slots.release()
        self.sent.requests += 1
        self.sent.latency_s.append(self._clock.elapsed_s() - began_s)
        self.sent.reached = reached if self.sent.reached is None else max(reached, self.sent.reached)
        for outcome in outcomes:
            self._count(outcome)

    def _count(self, outcome: Failed | None) -> None:
        if outcome is None:
            self.sent.accepted += 1
            return
        self.sent.failures[outcome.reason] += 1
        self.sent.examples.setdefault(outcome.reason, str(outcome))
