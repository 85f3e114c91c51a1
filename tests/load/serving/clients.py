"""Clients of a slot or of the edge: closed loops, where each sends when it was answered, and open loops at a fixed rate.

In an open loop a request counts from the instant at which it was due, not from when it could be sent: a slot that stops for a
second delays all requests of that second, not one (coordinated omission). Raw sockets: a client library would cost more than
what is measured.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlsplit

import numpy as np

_LADDER = b"x-recommndr-ladder"
_LATE_S = 0.001


@dataclass
class Answers:
    """What a round measured."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)  # of the ladder
    took_s: float = 0.0

    def percentile_ms(self, q: float) -> float:
        """Of the latencies."""
        return float(np.percentile(self.seconds, q, method="higher")) * 1e3 if self.seconds else float("nan")

    @property
    def per_second(self) -> float:
        """Answers."""
        return len(self.seconds) / self.took_s if self.took_s else 0.0

    @property
    def n_failed(self) -> int:
        """Answers that are not a 2xx."""
        return sum(n for status, n in self.statuses.items() if not 200 <= status < 300)

    @property
    def share_full(self) -> float:
        """Share of the answers on the ladder's first step; 1 for answers without a ladder."""
        n = sum(self.steps.values())
        return self.steps["full"] / n if n else 1.0


async def closed(url: str, requests: Sequence[bytes], n_clients: int, seconds: float) -> Answers:
    """`n_clients` connections; each sends its next request when the last was answered, for `seconds`."""
    answers, began_s = Answers(), perf_counter()

    async def client(first: int) -> None:
        connection, at = await _Connection.open(url), first
        while perf_counter() < began_s + seconds:
            sent_s = perf_counter()
            await connection.ask(requests[at % len(requests)], answers)
            answers.seconds.append(perf_counter() - sent_s)
            at += n_clients
        await connection.close()

    await asyncio.gather(*map(client, range(n_clients)))
    answers.took_s = perf_counter() - began_s
    return answers


async def open_loop(url: str, requests: Sequence[bytes], per_second: float, seconds: float, n_connections: int) -> Answers:
    """Requests at a fixed rate, over `n_connections` at most; a latency begins when the request was due."""
    answers, due = Answers(), asyncio.Queue[tuple[float, int]]()

    async def client() -> None:
        connection = await _Connection.open(url)
        while (job := await due.get())[1] >= 0:
            await connection.ask(requests[job[1] % len(requests)], answers)
            answers.seconds.append(perf_counter() - job[0])
        await connection.close()

    clients = [asyncio.create_task(client()) for _ in range(n_connections)]
    began_s = perf_counter()
    for number in range(round(per_second * seconds)):
        due_s = began_s + number / per_second
        if (early_s := due_s - perf_counter()) > _LATE_S:
            await asyncio.sleep(early_s)
        due.put_nowait((due_s, number))
    for _ in clients:
        due.put_nowait((0.0, -1))
    await asyncio.gather(*clients)
    answers.took_s = perf_counter() - began_s
    return answers


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str) -> "_Connection":
        address = urlsplit(url)
        return cls(*await asyncio.open_connection(address.hostname, address.port, limit=2**20))

    async def ask(self, request: bytes, answers: Answers) -> None:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        headers = dict(_header(line) for line in head.split(b"\r\n")[1:-2])
        if b"content-length" in headers:
            await self._reader.readexactly(int(headers[b"content-length"]))
        else:
            await self._chunks()
        answers.statuses[status] += 1
        if _LADDER in headers:
            answers.steps[headers[_LADDER].decode()] += 1

    async def _chunks(self) -> None:
        while size := int(await self._reader.readline(), 16):
            await self._reader.readexactly(size + 2)
        await self._reader.readexactly(2)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.lower(), value.strip()
