"""Authentication: server key or shopper's token -> tenant. The edge's headers must match credential and body.

Envoy routes by `x-recommndr-tenant` and `x-recommndr-user`. If they named another user or tenant, stickiness would break
unnoticed, so a difference is a 400. For a browser, Envoy sets both headers from the token.
"""

from fastapi import Request

from recommndr.caller import Caller
from recommndr.edge import TENANT_HEADER, USER_HEADER
from recommndr.identity import check_entity_id
from recommndr.tenancy import Scope
from recommndr_http.problem import Problem, refused_field
from recommndr_serving.http.edge import TENANT_NOTE
from recommndr_serving.slot import Slot
from recommndr_serving.tenant_slot import TenantSlot


def tenant_of(request: Request) -> TenantSlot:
    """The slot's state of the tenant whose credential the request carries; raises `Problem`."""
    return held(request, caller_of(request))


def tenant_of_server(request: Request, scopes: tuple[Scope, ...] = ("read",)) -> TenantSlot:
    """The same, for routes that browsers may not use: raises `Problem` 403 for a shopper's token."""
    return held(request, server_of(request, scopes))


def server_of(request: Request, scopes: tuple[Scope, ...]) -> Caller:
    """The caller of a route that browsers may not use."""
    caller = caller_of(request, scopes)
    if caller.subject is not None:
        raise Problem(403, "authorization: a shopper's token may read lists and items; this route needs a server key")
    return caller


def tenant_for(request: Request, caller: Caller, user_id: str) -> TenantSlot:
    """The same, for requests about one shopper: raises `Problem` 403 for another shopper's token, and 400 unless the user
    header names this one.
    """
    if caller.subject is not None and caller.subject != user_id:
        raise refused_field("user_id", user_id, f"{caller.subject!r}, whose token this is", status=403)
    routed = request.headers.get(USER_HEADER)
    # HTTP strips blanks around a header's value, so blanks around the id are ignored.
    if routed is None or _utf8(routed) != user_id.strip(" "):
        shown = None if routed is None else _utf8(routed)
        raise refused_field(USER_HEADER, shown, f"{user_id!r}, the user_id of the request")
    return held(request, caller)


def caller_of(request: Request, scopes: tuple[Scope, ...] = ("read",)) -> Caller:
    """The caller, whose key has all `scopes`; raises `Problem` 401, 403, or 400 if the tenant header and credential differ."""
    slot: Slot = request.app.state.slot
    caller = slot.credentials.caller(request.headers, *scopes)
    if TENANT_HEADER not in request.headers:
        raise refused_field(TENANT_HEADER, None, f"{caller.tenant!r}, the tenant of the credential")
    request.scope[TENANT_NOTE] = caller.tenant
    return caller


def shopper_of(request: Request, caller: Caller) -> str | None:
    """The shopper to whom a list without a `user_id` is shown: the token's, or the one in the user header; None if unknown."""
    if caller.subject is not None:
        return caller.subject
    named = request.headers.get(USER_HEADER)
    try:
        return None if named is None else check_entity_id(_utf8(named))
    except ValueError as cause:
        raise refused_field(USER_HEADER, _utf8(named or ""), str(cause).partition("expected ")[2]) from None


def held(request: Request, caller: Caller) -> TenantSlot:
    """The slot's state of the caller's tenant; raises `Problem`."""
    slot: Slot = request.app.state.slot
    held = slot.tenants.get(caller.tenant)
    if held is None:
        raise Problem(503, f"tenant {caller.tenant!r} was added after this slot started; restart the slot")
    return held


def _utf8(header: str) -> str:
    # Headers reach us decoded as Latin-1; user ids are UTF-8.
    return header.encode("latin-1").decode("utf-8", "replace")
