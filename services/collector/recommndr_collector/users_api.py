"""`DELETE /users/{id}`: a shopper is forgotten everywhere."""

from uuid import uuid4

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommndr import topics
from recommndr.events import encode, erasure
from recommndr.identity import entity_key
from recommndr_collector.event_log import Record
from recommndr_collector.gate import GateDependency
from recommndr_collector.openapi import ERASURE_ANSWER
from recommndr_collector.request import ErasureCaller
from recommndr_http.path import ID, user_id_in_path

router = APIRouter(prefix="/users", tags=["shoppers"])


@router.delete(
    f"/{{user_id:{ID}}}",
    status_code=202,
    summary="Erase a shopper's history and profile",
    response_class=Response,
    responses=ERASURE_ANSWER,
)
async def delete_user(request: Request, caller: ErasureCaller, gate: GateDependency, user_id: str) -> Response:
    """Everything that was acknowledged before is forgotten; what comes later starts anew. An unknown shopper is accepted too.

    Needs a key with all scopes. `recommndr erase --report` shows where something is left, and until when.
    """
    del user_id  # read from the raw path, strictly
    named = user_id_in_path(request)
    event = erasure(caller.tenant, named, uuid4(), gate.now())
    headers = (
        (topics.HEADER_EVENT_ID, str(event.event_id).encode()),
        (topics.HEADER_TENANT, caller.tenant.encode()),
        (topics.HEADER_KIND, event.kind.encode()),
    )
    await gate.note(caller, "shopper.erase", event_id=str(event.event_id))
    (problem,) = await gate.write([Record(topics.EVENTS.name, entity_key(caller.tenant, named), encode(event), headers)])
    if problem is not None:
        raise problem
    return Response(orjson.dumps({"event_id": str(event.event_id), "status": 202}), 202, media_type="application/json")
