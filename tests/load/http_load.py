"""Load on a slot or the edge: p50, p95, p99 of one endpoint at n clients, and the share of each ladder step.

    python -m tests.load.http_load --url http://127.0.0.1:18021 --key-file var/keys/grocer --tenant grocer \
        --users users.txt --requests 1000 --clients 1

Each client is one keep-alive connection that sends its next request when the last was answered. Raw sockets: a client library
would cost more than what is measured.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from urllib.parse import quote, urlsplit

import httpx

_LADDER = b"x-recommndr-ladder"


@dataclass
class Result:
    """What was measured."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    def summary(self) -> dict[str, object]:
        """Milliseconds, requests per second, and shares."""
        ordered = sorted(self.seconds)
        n = len(ordered)
        return {
            "requests": n,
            **{f"p{q}_ms": round(1000 * ordered[min(n - 1, n * q // 100)], 2) for q in (50, 95, 99)},
            "per_second": round(n / self.took_s, 1),
            "statuses": dict(self.statuses),
            "ladder": {step: round(count / n, 4) for step, count in self.steps.items()},
        }


@dataclass(frozen=True)
class Target:
    """The target, the shoppers, and the request."""

    url: str
    key: str
    tenant: str
    endpoint: str = "recommend"
    k: int = 10
    tokens: Mapping[str, str] = field(default_factory=dict)  # by user: who has one asks as a browser does

    def request(self, entity: str) -> bytes:
        """One HTTP request: `entity` is a user of /recommend, an item of /similar_items."""
        head = f"host: {urlsplit(self.url).netloc}\r\n{self._credential(entity)}"
        if self.endpoint == "recommend":
            body = json.dumps({"user_id": entity, "k": self.k}).encode()
            head = f"POST /recommend HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n"
            return head.encode() + body
        parameter = "item_id" if self.endpoint == "similar_items" else "category"
        return f"GET /{self.endpoint}?{parameter}={quote(entity)}&k={self.k} HTTP/1.1\r\n{head}\r\n".encode()

    def _credential(self, entity: str) -> str:
        if entity in self.tokens:
            return f"authorization: Bearer {self.tokens[entity]}\r\n"
        user = f"x-recommndr-user: {entity}\r\n" if self.endpoint == "recommend" else ""
        return f"authorization: Bearer {self.key}\r\nx-recommndr-tenant: {self.tenant}\r\n{user}"

    def with_tokens(self, users: Iterable[str]) -> "Target":
        """The same requests from these users' browsers."""
        headers = {"authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False) as server:
            asked = {user: server.post("/tokens", json={"user_id": user}).raise_for_status() for user in dict.fromkeys(users)}
        return replace(self, tokens={user: answer.json()["token"] for user, answer in asked.items()})


async def load(target: Target, entities: list[str], n_requests: int, n_clients: int) -> Result:
    """Send `n_requests` by `n_clients`, entities in turn."""
    result = Result()
    waiting = iter([target.request(entities[n % len(entities)]) for n in range(n_requests)])
    began_s = perf_counter()
    await asyncio.gather(*(_client(target, waiting, result) for _ in range(n_clients)))
    result.took_s = perf_counter() - began_s
    return result


async def _client(target: Target, waiting: Iterator[bytes], result: Result) -> None:
    address = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for request in waiting:
        began_s = perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        await reader.readexactly(int(headers[b"content-length"]))
        result.seconds.append(perf_counter() - began_s)
        result.statuses[int(lines[0].split()[1])] += 1
        if _LADDER in headers:
            result.steps[headers[_LADDER].decode()] += 1
    writer.close()
    await writer.wait_closed()


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:18000")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--key")
    key.add_argument("--key-file", type=Path)
    parser.add_argument("--tenant", default="grocer")
    parser.add_argument("--endpoint", choices=("recommend", "similar_items", "popular"), default="recommend")
    parser.add_argument("--users", type=Path, required=True, help="file with one user (or item, category) a line")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument(
        "--browsers", action="store_true", help="ask /recommend with a token of each user (mind the edge's limits)"
    )
    asked = parser.parse_args()
    entities = [line for line in asked.users.read_text().splitlines() if line]
    secret = asked.key or asked.key_file.read_text().strip()
    target = Target(asked.url, secret, asked.tenant, asked.endpoint, asked.k)
    target = target.with_tokens(entities) if asked.browsers else target
    result = asyncio.run(load(target, entities, asked.requests, asked.clients))
    print(json.dumps({"endpoint": asked.endpoint, "clients": asked.clients} | result.summary()))


if __name__ == "__main__":
    main()
