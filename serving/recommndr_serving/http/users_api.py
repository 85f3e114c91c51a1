"""`GET /users/{id}`: what the platform keeps of a shopper."""

import asyncio

from fastapi import APIRouter, Request, Response

from recommndr.tenancy import ALL_SCOPES
from recommndr_http.path import ID, user_id_in_path
from recommndr_http.problem import Problem
from recommndr_serving import shopper_data
from recommndr_serving.http.answers import respond
from recommndr_serving.http.auth import tenant_of_server
from recommndr_serving.http.openapi import SERVER_ONLY, USER_ANSWER
from recommndr_serving.live.user_rows import UserRowUnavailable
from recommndr_serving.slot import Slot

router = APIRouter(prefix="/users", tags=["shoppers"])


@router.get(
    f"/{{user_id:{ID}}}",
    summary="A shopper's data",
    response_class=Response,
    responses=USER_ANSWER,
    openapi_extra=SERVER_ONLY,
)
async def get_user(request: Request, user_id: str) -> Response:
    """The stored profile of a shopper and of the guests that became this shopper, and where something is kept until when.

    Needs a key with all scopes. `DELETE /users/{id}` erases the shopper; guests are shoppers of their own.
    """
    del user_id  # read from the raw path, strictly
    slot: Slot = request.app.state.slot
    tenant, named = tenant_of_server(request, ALL_SCOPES), user_id_in_path(request)
    try:
        row = await slot.user_rows.row(tenant.tenant, named)
        guest_ids = shopper_data.guest_ids(row)
        rows = await asyncio.gather(*(slot.user_rows.row(tenant.tenant, guest_id) for guest_id in guest_ids))
    except UserRowUnavailable as cause:
        detail = f"the online store of shoppers does not answer ({cause.reason}); ask again in a few seconds"
        raise Problem(503, detail, headers={"retry-after": "1"}) from cause
    if not row:
        raise Problem(404, f"user_id: got {named!r}, expected a shopper with events that are not erased")
    guests = [
        {"user_id": guest_id, "profile": shopper_data.profile(of_guest, tenant.policy)}
        for guest_id, of_guest in zip(guest_ids, rows, strict=True)
    ]
    own = shopper_data.profile(row, tenant.policy)
    return respond({"user_id": named, "profile": own, "guests": guests, "kept": shopper_data.kept()})
