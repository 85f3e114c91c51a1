"""The rounds of a run: which endpoint, by which way, under which load; and what one round measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import psutil

from tests.load.serving.clients import Answers, closed, open_loop

_N_CONNECTIONS = 64
_BYTES_PER_MB = 2**20


@dataclass(frozen=True, slots=True)
class Shop:
    """What requests need to know of the shop."""

    tenant: str
    key: str
    user_ids: Sequence[str]
    item_ids: Sequence[str]

    def requests(self, endpoint: str, url: str, k: int = 10) -> list[bytes]:
        """HTTP requests of one endpoint, a shopper or an item each."""
        head = f"host: {urlsplit(url).netloc}\r\nauthorization: Bearer {self.key}\r\nx-recommndr-tenant: {self.tenant}\r\n"
        if endpoint == "recommend":
            return [self._asked_by(user_id, head, k) for user_id in self.user_ids]
        queries = [f"k={k}"] if endpoint == "popular" else [f"item_id={quote(item_id)}&k={k}" for item_id in self.item_ids]
        return [f"GET /{endpoint}?{query} HTTP/1.1\r\n{head}\r\n".encode() for query in queries]

    def _asked_by(self, user_id: str, head: str, k: int) -> bytes:
        body = f'{{"user_id": "{user_id}", "k": {k}}}'.encode()
        more = f"x-recommndr-user: {user_id}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return f"POST /recommend HTTP/1.1\r\n{head}{more}\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Load:
    """Clients in a closed loop, or a rate in an open one."""

    n_clients: int | None = None
    per_second: float | None = None

    def __str__(self) -> str:
        return f"{self.n_clients} clients" if self.n_clients else f"{self.per_second:.0f}/s"


@dataclass(frozen=True, slots=True)
class Round:
    """One load on one endpoint, and what it measured."""

    endpoint: str
    way: str  # direct, envoy or peer
    load: Load
    answers: Answers
    cpu_ms: float  # of all threads of the slots, per answer
    rss_mb: float  # of the largest slot, afterwards


@dataclass(frozen=True, slots=True)
class Meter:
    """Processor time and memory of the slots, by their process ids."""

    pids: Sequence[int]

    def cpu_s(self) -> float:
        """User and system time of all threads since the slots started."""
        times = [psutil.Process(pid).cpu_times() for pid in self.pids]
        return float(sum(each.user + each.system for each in times))

    def rss_mb(self) -> float:
        """Of the largest slot."""
        return max(psutil.Process(pid).memory_info().rss for pid in self.pids) / _BYTES_PER_MB


async def measured(url: str, requests: Sequence[bytes], load: Load, seconds: float) -> Answers:
    """One round's answers."""
    if load.n_clients is not None:
        return await closed(url, requests, load.n_clients, seconds)
    if load.per_second is None:
        raise ValueError("load without clients and without a rate: expected one of them")
    return await open_loop(url, requests, load.per_second, seconds, _N_CONNECTIONS)
