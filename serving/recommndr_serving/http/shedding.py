"""Load shedding: requests whose client has left or waited too long are dropped, so that the others are answered in time."""

from time import perf_counter

from fastapi import Request

from recommndr.edge import READ_TIMEOUT_S
from recommndr_http.problem import Problem
from recommndr_serving.http.edge import ARRIVED_NOTE
from recommndr_serving.slot import Slot

# A request that waited less did not queue, so its client probably has not left; checking costs more than it saves.
_QUEUED_S = 0.05
# nginx's status for a client that closed the connection; alerts do not count it as an error.
_CALLER_LEFT = 499


async def refuse_unwanted(request: Request) -> None:
    """Call this before work on a queued request; raises `Problem` when it waited too long or its client has left."""
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
    await request.body()  # must be received before the end of the connection shows
    return await request.is_disconnected()
