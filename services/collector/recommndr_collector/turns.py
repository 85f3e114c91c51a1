"""Splits work on a long list into chunks, so that the event loop answers other requests in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from recommndr_http.json_shape import JsonList, Member

# One or two milliseconds of validation.
BYTES_PER_TURN = 32_768


# Below this size, splitting takes less than a millisecond; above, it runs on a thread.
_BYTES_AT_ONCE = 131_072


async def split(how: Callable[[bytes], JsonList], payload: bytes) -> JsonList:
    """A body split by `how`, on a thread if it is long."""
    return how(payload) if len(payload) <= _BYTES_AT_ONCE else await asyncio.to_thread(how, payload)


async def in_turns(members: Iterable[Member]) -> AsyncIterator[Member]:
    """The members, with a turn for other requests after each `BYTES_PER_TURN` of them."""
    n_bytes = 0
    for member in members:
        n_bytes += len(member.payload)
        if n_bytes > BYTES_PER_TURN:
            n_bytes = 0
            await asyncio.sleep(0)
        yield member
