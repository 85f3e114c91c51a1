"""Ids in paths."""

from urllib.parse import unquote_to_bytes

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request

from recommndr.identity import check_entity_id
from recommndr_http.problem import refused_field


class _Id(Convertor[str]):
    """All that follows, like Starlette's `path`, but line breaks too: they are refused as part of an id, not as a path."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


ID = "id"  # the convertor of ids in routes: f"/items/{{item_id:{ID}}}"
register_url_convertor(ID, _Id())


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
