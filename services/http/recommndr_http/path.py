"""Ids in paths."""

from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from recommndr.identity import check_entity_id
from recommndr_http.problem import refused_field


def id_in_path(request: Request, prefix: str, field: str, suffix: str = "") -> str:
    """The id between prefix and suffix, from the raw path, because the server's decoding replaces invalid UTF-8."""
    raw: bytes = request.scope["raw_path"].partition(b"?")[0]
    encoded = raw.partition(prefix.encode())[2].removesuffix(suffix.encode())
    try:
        return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise refused_field(field, encoded.decode(errors="replace"), "UTF-8, percent-encoded") from None


def user_id_in_path(request: Request) -> str:
    """The id after `/users/`; raises `Problem` 400 when it is none."""
    named = id_in_path(request, "/users/", "user_id")
    try:
        return check_entity_id(named)
    except ValueError as cause:
        raise refused_field("user_id", named, str(cause).partition("expected ")[2]) from None
