"""Who asks: server key -> tenant; and the edge's headers must say the same as credential and body.

Envoy routes by `x-recommndr-tenant` and `x-recommndr-user`. An answer for another user or tenant than the route was chosen
for would break stickiness in silence, so a difference is a 400.
"""

from fastapi import Request

from recommndr.identity import TenantId
from recommndr.tenancy import Tenants, UnknownKey
from recommndr_serving.edge import TENANT_NOTE
from recommndr_serving.problems import Problem, refused_field
from recommndr_serving.slot import Slot
from recommndr_serving.tenant_slot import TenantSlot

TENANT_HEADER = "x-recommndr-tenant"
USER_HEADER = "x-recommndr-user"
_SCHEME = "Bearer "
_CHALLENGE = {"www-authenticate": 'Bearer realm="recommndr"'}


def tenant_of(request: Request) -> TenantSlot:
    """What this slot holds of the tenant whose key the request carries; raises `Problem`."""
    slot: Slot = request.app.state.slot
    return slot.tenants[authenticate(request, slot.credentials)]


def authenticate(request: Request, tenants: Tenants) -> TenantId:
    """The tenant of the request's server key; raises `Problem` 401, 403 or, without a tenant header that says the same, 400."""
    credential = request.headers.get("authorization")
    if credential is None or not credential.startswith(_SCHEME):
        detail = "authorization: got nothing usable, expected 'Bearer rk_<tenant>_<secret>'"
        raise Problem(401, detail, headers=_CHALLENGE)
    try:
        tenant = tenants.authenticate(credential.removeprefix(_SCHEME), "read")
    except UnknownKey as cause:
        raise Problem(401, f"authorization: {cause}", headers=_CHALLENGE) from None
    except PermissionError as cause:
        raise Problem(403, f"authorization: {cause}") from None
    routed = request.headers.get(TENANT_HEADER)
    if routed != tenant:
        raise refused_field(TENANT_HEADER, routed, f"{tenant!r}, the tenant of the key")
    request.scope[TENANT_NOTE] = tenant
    return tenant


def check_route(request: Request, user_id: str) -> None:
    """Raise `Problem` 400 unless the user header is present and names this user."""
    routed = request.headers.get(USER_HEADER)
    if routed is None or _utf8(routed) != user_id:
        shown = None if routed is None else _utf8(routed)
        raise refused_field(USER_HEADER, shown, f"{user_id!r}, the user_id of the request")


def _utf8(header: str) -> str:
    # Headers reach us decoded as Latin-1; user ids are UTF-8.
    return header.encode("latin-1").decode("utf-8", "replace")
