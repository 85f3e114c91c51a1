"""Whose request it is: a shop's server by its key, or one shopper's browser by a token that such a server got for it."""

from dataclasses import dataclass
from datetime import datetime

from recommndr.identity import TenantId, UserId
from recommndr.shopper_token import TokenKeys
from recommndr.tenancy import Scope, Tenants, UnknownKey, is_server_key


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls; `subject` is the one shopper a token speaks for, None for a server key, which speaks for all."""

    tenant: TenantId
    subject: UserId | None = None
    key_id: str | None = None  # of the server key

    @classmethod
    def of(cls, credential: str, scopes: tuple[Scope, ...], tenants: Tenants, token_keys: TokenKeys, now: datetime) -> "Caller":
        """Who shows this bearer credential; `scopes` are asked of a key, what a token may do is each route's to say.

        Raises `UnknownKey`, `BadShopperToken`, or `PermissionError` for a key that lacks a scope.
        """
        if is_server_key(credential):
            holder = tenants.authenticate(credential, *scopes, now=now)
            return cls(holder.tenant, key_id=holder.key_id)
        said = token_keys.verify(credential, now)
        if said.tenant not in tenants.tenants:
            raise UnknownKey("the token names a tenant that this installation does not have")
        return cls(said.tenant, said.user_id)
