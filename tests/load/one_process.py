"""How much one process carries: events acknowledged and folded a second, answers a second, memory, seconds of a warm start.

    recommndr serve &
    python -m tests.load.one_process --profile tiny

Clients run on the same machine and wait for each answer. Lists of events have 100. The events are views of items of the
catalogue by new shoppers; answers are for shoppers of the profile's history.
"""

import argparse
import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil

from recommndr_training import params
from recommndr_training.shipping.held_out import catalog_items, known_users
from tests.load.http_load import Target, load

_PER_LIST = 100


def event(n: int, items: list[str]) -> dict[str, Any]:
    """A view by one of a thousand new shoppers."""
    return {
        "kind": "view",
        "event_id": str(uuid4()),
        "user_id": f"load-{n % 1_000}",
        "occurred_at": datetime.now(UTC).isoformat(),
        "lines": [{"item_id": items[n % len(items)]}],
    }


async def send(url: str, key: str, bodies: list[bytes], n_clients: int) -> list[float]:
    """Post all bodies by some clients; returns the seconds of each."""
    waiting, seconds, address = iter(bodies), [], urlsplit(url)

    async def client() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for body in waiting:
            head = f"POST /events HTTP/1.1\r\nhost: {address.netloc}\r\nauthorization: Bearer {key}\r\n"
            began_s = perf_counter()
            writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.partition(b":")[2]))
            if answer.split()[1] not in (b"202", b"207"):
                raise RuntimeError(f"POST /events: {answer.splitlines()[0].decode()}")
            seconds.append(perf_counter() - began_s)
        writer.close()

    await asyncio.gather(*(client() for _ in range(n_clients)))
    return seconds


def listener(port: int) -> int:
    """The process that listens on a port."""
    found = (one.pid for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN and one.laddr.port == port)
    return next(pid for pid in found if pid is not None)


def behind(url: str) -> float:
    """Records that are not folded yet."""
    page = httpx.get(f"{url}/metrics", timeout=60.0).text
    return float(next(line for line in page.splitlines() if line.startswith("recommndr_stream_behind_records ")).split()[1])


def measured_events(url: str, key: str, events: list[dict[str, Any]], per_request: int, n_clients: int) -> dict[str, Any]:
    """Send events, and wait until all are folded."""
    lists = [events[n : n + per_request] for n in range(0, len(events), per_request)]
    bodies = [json.dumps(one if per_request > 1 else one[0]).encode() for one in lists]
    began_s = perf_counter()
    seconds = sorted(asyncio.run(send(url, key, bodies, n_clients)))
    acknowledged_s = perf_counter() - began_s
    while behind(url):
        pass
    return {
        "events": len(events),
        "a_request": per_request,
        "clients": n_clients,
        "acknowledged_per_s": round(len(events) / acknowledged_s),
        "folded_per_s": round(len(events) / (perf_counter() - began_s)),
        "p50_ms": round(1_000 * seconds[len(seconds) // 2], 1),
        "p99_ms": round(1_000 * seconds[len(seconds) * 99 // 100], 1),
    }


def main() -> None:
    """Print one JSON line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:18000")
    parser.add_argument("--keys", type=Path, default=Path("var/serve/keys"))
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("--events", type=int, default=3_000)
    parser.add_argument("--requests", type=int, default=500)
    asked = parser.parse_args()
    tenant = params.data(asked.profile).tenant
    key = (asked.keys / tenant).read_text().strip()
    items = [item.item_id for item in catalog_items(asked.profile)]
    process = psutil.Process(listener(urlsplit(asked.url).port or 80))

    def tell(what: str, measure: Callable[[], dict[str, Any]]) -> None:
        print(json.dumps({"what": what} | measure() | {"rss_mb": process.memory_info().rss // 1_000_000}), flush=True)

    for per_request, n_clients in ((1, 1), (1, 16), (_PER_LIST, 4)):
        events = [event(n, items) for n in range(asked.events // (10 if n_clients == 1 else 1))]
        tell("events", lambda sent=events, n=per_request, k=n_clients: measured_events(asked.url, key, sent, n, k))
    target, users = Target(asked.url, key, tenant), known_users(asked.profile, 200)
    for n_clients in (1, 4):
        tell("answers", lambda k=n_clients: asyncio.run(load(target, users, asked.requests, k)).summary() | {"clients": k})


if __name__ == "__main__":
    main()
