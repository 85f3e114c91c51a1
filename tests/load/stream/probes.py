"""Seconds from an event's acknowledgement to the first answer that knows it, measured while a load runs.

Every probe is another shopper: it sends one event, and asks for its list until the answer has one event more.
"""

import asyncio
import json
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

import numpy as np

from tests.load.stream.edge import Address, Connection, n_known_events
from tests.load.stream.population import event
from tests.load.stream.senders import Sent, deliver

_TIMEOUT_S = 60.0
_FIRST_POLL_S, _POLL_S = 0.02, 0.02


@dataclass(slots=True)
class Waits:
    """When each probe was acknowledged (seconds since the start), and how long it waited; NaN: in vain."""

    at_s: list[float] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)

    def percentile(self, q: float) -> float:
        """Of the waits; infinite when so many waited in vain."""
        known = np.where(np.isnan(self.waited_s), np.inf, self.waited_s)
        return float(np.percentile(known, q, method="higher")) if len(known) else float("nan")


async def probe(address: Address, seconds: float, per_second: float) -> Waits:
    """Send probes evenly for `seconds`, and wait for all."""
    waits, began_s = Waits(), monotonic()
    running: list[asyncio.Task[None]] = []
    for number in range(int(seconds * per_second)):
        await asyncio.sleep(max(0.0, began_s + number / per_second - monotonic()))
        running.append(asyncio.create_task(_one(address, began_s, waits)))
    await asyncio.gather(*running)
    return waits


async def _one(address: Address, began_s: float, waits: Waits) -> None:
    user_id = f"probe-{uuid4().hex[:12]}"
    question = address.request("/recommend", json.dumps({"user_id": user_id, "k": 10}).encode(), user_id)
    connection = await Connection.open(address)
    await deliver(connection, address, [event(user_id, "view", (1,))], Sent())
    acknowledged_s = monotonic()
    await asyncio.sleep(_FIRST_POLL_S)
    while monotonic() < acknowledged_s + _TIMEOUT_S:
        status, content = await connection.ask(question)
        if status == 200 and n_known_events(content) >= 1:
            waits.at_s.append(acknowledged_s - began_s)
            waits.waited_s.append(monotonic() - acknowledged_s)
            break
        # An overloaded stream is asked less often, so that the questions are not the load.
        await asyncio.sleep(max(_POLL_S, 0.1 * (monotonic() - acknowledged_s)))
    else:
        waits.at_s.append(acknowledged_s - began_s)
        waits.waited_s.append(float("nan"))
    await connection.close()
