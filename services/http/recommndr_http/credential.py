"""Authentication: server key or shopper's token -> tenant. The edge's tenant header must match.

Envoy has already checked a browser's token. It is checked again here, in case a request bypasses the edge.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import Headers

from recommndr.caller import Caller
from recommndr.edge import TENANT_HEADER
from recommndr.shopper_token import BadShopperToken, TokenKeys
from recommndr.tenancy import Scope, Tenants, UnknownKey
from recommndr_http.problem import Problem, refused_field

_CHALLENGE = {"www-authenticate": 'Bearer realm="recommndr"'}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The current keys of tenants and tokens; read at each request, because they change while the service runs."""

    tenants: Callable[[], Tenants]
    token_keys: Callable[[], TokenKeys]
    now: Callable[[], datetime]

    def caller(self, headers: Headers, *scopes: Scope) -> Caller:
        """Who calls; a server key needs all `scopes`. Raises `Problem` 401 or 403, or 400 for another tenant's header."""
        try:
            caller = Caller.of(_bearer(headers), scopes, self.tenants(), self.token_keys(), self.now())
        except (UnknownKey, BadShopperToken) as cause:
            raise Problem(401, f"authorization: {cause}", headers=_CHALLENGE) from None
        except PermissionError as cause:
            raise Problem(403, f"authorization: {cause}") from None
        claimed = headers.get(TENANT_HEADER)
        if claimed is not None and claimed != caller.tenant:
            raise refused_field(TENANT_HEADER, claimed, f"{caller.tenant!r}, the tenant of the credential")
        return caller


def _bearer(headers: Headers) -> str:
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise Problem(401, "authorization: expected 'Bearer rk_<tenant>_<secret>' or 'Bearer <token>'", headers=_CHALLENGE)
    return credential
