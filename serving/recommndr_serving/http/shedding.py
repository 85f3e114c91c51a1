"""A list that nobody waits for any more is not made: under overload the time goes to callers who still wait."""

from time import perf_counter

from fastapi import Request

from recommndr.edge import READ_TIMEOUT_S
from recommndr_http.problem import Problem
from recommndr_serving.http.edge import ARRIVED_NOTE
from recommndr_serving.slot import Slot

# Who got a turn sooner than this did not wait in a queue, and has hardly left: asking costs more than it saves.
_QUEUED_S = 0.05
# A caller who has gone reads no status; this one keeps it out of the errors that alerts count. nginx uses it so.
_CALLER_LEFT = 499


async def refuse_unwanted(request: Request) -> None:
    """To be called when a queued request gets its turn; raises `Problem` when its caller has given up on it or has left."""
    slot: Slot = request.app.state.slot
    waited_s = perf_counter() - request.scope[ARRIVED_NOTE]
    if waited_s > READ_TIMEOUT_S:
        slot.metrics.shed.labels("overdue").inc()
        detail = (
            f"overloaded: the request waited {waited_s:.1f} s, longer than the {READ_TIMEOUT_S:g} s allowed; try again later"
        )
        raise Problem(503, detail, headers={"retry-after": "1"}, title="The slot is overloaded")
    if waited_s > _QUEUED_S and await _has_left(request):
        slot.metrics.shed.labels("caller_left").inc()
        raise Problem(
            _CALLER_LEFT, "the client closed the connection before the answer", title="The client closed the connection"
        )


async def _has_left(request: Request) -> bool:
    await request.body()  # what is received before the end of the connection
    return await request.is_disconnected()
