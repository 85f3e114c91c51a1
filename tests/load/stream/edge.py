"""Keep-alive connections to the edge by raw sockets: a client library would need more CPU than what is measured."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit


class Refused(RuntimeError):
    """The edge answered with an error."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send, and as which shop."""

    url: str
    tenant: str
    key: str

    def request(self, path: str, body: bytes, user_id: str | None = None) -> bytes:
        """One POST."""
        user = f"x-recommndr-user: {user_id}\r\n" if user_id else ""
        return (
            f"POST {path} HTTP/1.1\r\nhost: {urlsplit(self.url).netloc}\r\nauthorization: Bearer {self.key}\r\n"
            f"x-recommndr-tenant: {self.tenant}\r\n{user}content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body


class Connection:
    """One request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, address: Address) -> Self:
        """Connect."""
        where = urlsplit(address.url)
        return cls(*await asyncio.open_connection(where.hostname, where.port, limit=2**20))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and content."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        if b"content-length" in headers:
            return status, await self._reader.readexactly(int(headers[b"content-length"]))
        return status, await self._chunks()

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self._reader.readline(), 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return b"".join(parts)

    async def close(self) -> None:
        """Disconnect."""
        self._writer.close()
        await self._writer.wait_closed()


def n_known_events(content: bytes) -> int:
    """Events of the shopper that an answer knows."""
    stored: dict[str, Any] | None = json.loads(content)["user_profile"]["stored"]
    return int(stored["n_events"]) if stored else 0
