"""The caller of a request: a shop's server with its key, or one shopper's browser with a token that the server requested."""

from dataclasses import dataclass
from datetime import datetime

from recommndr.identity import TenantId, UserId
from recommndr.shopper_token import TokenKeys
from recommndr.tenancy import Scope, Tenants, UnknownKey, is_server_key


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller. `subject` is the shopper of a token; None for a server key, which may act for all shoppers."""

    tenant: TenantId
    subject: UserId | None = None
    key_id: str | None = None  # of the server key

    @classmethod
    def of(cls, credential: str, scopes: tuple[Scope, ...], tenants: Tenants, token_keys: TokenKeys, now: datetime) -> "Caller":
        """The caller with this bearer credential. A key needs all `scopes`; each route decides what a token may do.

        Raises `UnknownKey`, `BadShopperToken`, or `PermissionError` for a key that lacks a scope.
        """
        if is_server_key(credential):
            holder = tenants.authenticate(credential, *scopes, now=now)
            return cls(holder.tenant, key_id=holder.key_id)
        said = token_keys.verify(credential, now)
        if said.tenant not in tenants.tenants:
            raise UnknownKey("the token names a tenant that this installation does not have")
        return cls(said.tenant, said.user_id)
