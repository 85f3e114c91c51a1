"""Sends events at a rate, in batches or one a request, and counts what was acknowledged."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

from tests.load.stream.edge import Address, Connection, Refused
from tests.load.stream.population import Population, body

_ACCEPTED = (202, 207)
_AWAY = 503  # its outcome is unknown, so the same events are sent again
_RETRY_S = 0.2


@dataclass(slots=True)
class Sent:
    """What became of the events."""

    n_acknowledged: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Acknowledged events a second."""
        return self.n_acknowledged / self.took_s if self.took_s else 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """A steady stream of events."""

    per_second: float
    per_request: int
    seconds: float

    @property
    def n_connections(self) -> int:
        """Enough for the rate, at a tenth of a second and more until a request is acknowledged."""
        return max(4, min(256, round(0.3 * self.per_second / self.per_request)))


async def send(address: Address, people: Population, load: Load) -> Sent:
    """Send for `load.seconds`. A sender that is late does not catch up beyond a second, so an overload is no longer run."""
    sent, began_s = Sent(), monotonic()
    period_s = load.per_request / load.per_second
    due = asyncio.Queue[float]()
    senders = [asyncio.create_task(_sender(address, people, load, due, sent)) for _ in range(load.n_connections)]
    next_s = began_s
    while next_s < began_s + load.seconds:
        await asyncio.sleep(max(0.0, next_s - monotonic()))
        next_s = max(next_s + period_s, monotonic() - 1.0)
        if due.qsize() < load.n_connections:
            due.put_nowait(next_s)
    for _ in senders:
        due.put_nowait(-1.0)
    await asyncio.gather(*senders)
    sent.took_s = monotonic() - began_s
    return sent


async def _sender(address: Address, people: Population, load: Load, due: "asyncio.Queue[float]", sent: Sent) -> None:
    connection = await Connection.open(address)
    while await due.get() >= 0.0:
        await deliver(connection, address, people.events(load.per_request), sent)
    await connection.close()


async def deliver(connection: Connection, address: Address, events: list[dict[str, object]], sent: Sent) -> None:
    """Send events until they are acknowledged; raises `Refused`."""
    request = address.request("/events", body(events))
    while True:
        status, content = await connection.ask(request)
        sent.statuses[status] += 1
        if status in _ACCEPTED:
            sent.n_acknowledged += len(events)
            return
        if status != _AWAY:
            raise Refused(f"POST /events: {status} {content[:300].decode(errors='replace')}")
        await asyncio.sleep(_RETRY_S)
