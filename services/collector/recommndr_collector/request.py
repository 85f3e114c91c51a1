"""Reads the caller and ids in paths from a request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from recommndr.caller import Caller
from recommndr.tenancy import ALL_SCOPES, Scope
from recommndr_collector.gate import gate_of
from recommndr_http.path import id_in_path
from recommndr_http.problem import Problem


@dataclass(frozen=True, slots=True)
class Credential:
    """Depends on a server key with all `scopes`, or where `shoppers` may call on a shopper's token; gives the caller."""

    scopes: tuple[Scope, ...]
    shoppers: bool = False

    async def __call__(self, request: Request) -> Caller:  # async: a sync one costs a hop to a thread
        """The caller; raises `Problem` 401, 403, or 400 if the tenant header names another tenant."""
        caller = gate_of(request).credentials.caller(request.headers, *self.scopes)
        if caller.subject is not None and not self.shoppers:
            raise Problem(403, "authorization: a shopper's token may send events, this needs a server key")
        if caller.tenant not in request.app.state.tenants.tenants:
            raise Problem(503, f"tenant {caller.tenant!r} was added after the collector started; restart the collector")
        return caller


CatalogueCaller = Annotated[Caller, Depends(Credential(("catalogue",)))]
ErasureCaller = Annotated[Caller, Depends(Credential(ALL_SCOPES))]
TokensCaller = Annotated[Caller, Depends(Credential(("read", "events")))]


def item_id_in_path(request: Request, suffix: str = "") -> str:
    """The id between `/items/` and `suffix`."""
    return id_in_path(request, "/items/", "item_id", suffix)
