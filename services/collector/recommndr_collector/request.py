"""What a route needs of a request: whose it is, its body within bounds, an id out of its path."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request

from recommndr.tenancy import Scope, Tenants, UnknownKey
from recommndr_collector.problems import Problem, invalid

TENANT_HEADER = "x-recommndr-tenant"
MAX_EVENT_BYTES = 1_000_000
# A thousand items with picture and tags come to 1-3 KB each.
MAX_ITEM_BYTES = 4_000_000

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Credential:
    """Depends on a server key with `scope`; gives its tenant."""

    scope: Scope

    async def __call__(self, request: Request) -> str:  # async: a sync one costs a hop to a thread
        """The tenant of the request's key; raises `Problem` 401, 403, or 400 when the tenant header says otherwise."""
        tenants: Tenants = request.app.state.tenants
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Problem(401, "expected the header Authorization: Bearer rk_<tenant>_<secret>", headers=_CHALLENGE)
        try:
            tenant = tenants.authenticate(key.strip(), self.scope)
        except UnknownKey as cause:
            raise Problem(401, str(cause), headers=_CHALLENGE) from None
        except PermissionError as cause:
            raise Problem(403, str(cause)) from None
        claimed = request.headers.get(TENANT_HEADER)
        if claimed is not None and claimed != tenant:
            raise invalid(TENANT_HEADER, claimed, f"expected {tenant!r}, whose key this is, or no such header")
        return tenant


EventsTenant = Annotated[str, Depends(Credential("events"))]
CatalogueTenant = Annotated[str, Depends(Credential("catalogue"))]


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
