"""What a route needs of a request: whose it is, its body within bounds, an id out of its path."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request

from recommndr.caller import Caller
from recommndr.edge import TENANT_HEADER
from recommndr.shopper_token import BadShopperToken
from recommndr.tenancy import Scope, UnknownKey
from recommndr_collector.gate import Gate
from recommndr_collector.problems import Problem, invalid

MAX_TOKEN_REQUEST_BYTES = 4_096

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Credential:
    """Depends on a server key with all `scopes`, or where `shoppers` may call on a shopper's token; gives the caller."""

    scopes: tuple[Scope, ...]
    shoppers: bool = False

    async def __call__(self, request: Request) -> Caller:  # async: a sync one costs a hop to a thread
        """Who calls; raises `Problem` 401, 403, or 400 when the tenant header says otherwise."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            raise Problem(401, "expected the header Authorization: Bearer rk_<tenant>_<secret>", headers=_CHALLENGE)
        caller = self._caller(request, secret)
        claimed = request.headers.get(TENANT_HEADER)
        if claimed is not None and claimed != caller.tenant:
            raise invalid(TENANT_HEADER, claimed, f"expected {caller.tenant!r}, whose credential this is, or no such header")
        return caller

    def _caller(self, request: Request, credential: str) -> Caller:
        gate: Gate = request.app.state.gate
        try:
            caller = Caller.of(credential, self.scopes, request.app.state.tenants, gate.token_keys, gate.now())
        except (UnknownKey, BadShopperToken) as cause:
            raise Problem(401, str(cause), headers=_CHALLENGE) from None
        except PermissionError as cause:
            raise Problem(403, str(cause)) from None
        if caller.subject is not None and not self.shoppers:
            raise Problem(403, "a shopper's token may send events: this needs a server key")
        return caller


EventsCaller = Annotated[Caller, Depends(Credential(("events",), shoppers=True))]
CatalogueCaller = Annotated[Caller, Depends(Credential(("catalogue",)))]
TokensCaller = Annotated[Caller, Depends(Credential(("read", "events")))]


async def body(request: Request, max_bytes: int) -> bytes:
    """The whole body; raises `Problem` 413 as soon as it is known to be longer than `max_bytes`."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > max_bytes:
        raise _too_large(announced, max_bytes)
    chunks: list[bytes] = []
    n_bytes = 0
    async for chunk in request.stream():
        n_bytes += len(chunk)
        if n_bytes > max_bytes:
            raise _too_large(f"more than {max_bytes}", max_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def item_id_in_path(request: Request, suffix: str = "") -> str:
    """The id between `/items/` and `suffix`, out of the raw path: a server's decoding replaces what is not UTF-8."""
    raw: bytes = request.scope["raw_path"].partition(b"?")[0]
    encoded = raw.partition(b"/items/")[2].removesuffix(suffix.encode())
    try:
        return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise invalid("item_id", encoded.decode(errors="replace"), "expected UTF-8, percent-encoded") from None


def _too_large(n_bytes: str, max_bytes: int) -> Problem:
    return Problem(413, f"body of {n_bytes} bytes: expected at most {max_bytes}")
