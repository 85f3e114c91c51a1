"""Bodies within bounds."""

from starlette.requests import Request

from recommndr_storefront.refusal import Refusal


async def limited_body(request: Request, max_bytes: int) -> bytes:
    """The whole body; raises `Refusal` 413 as soon as it is known to be longer, before the rest is read."""
    too_large = Refusal(413, f"expected a body of at most {max_bytes} bytes")
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > max_bytes:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)
