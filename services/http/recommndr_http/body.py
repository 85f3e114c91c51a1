"""Reads a request's body up to a limit."""

from fastapi import Request

from recommndr_http.problem import Problem, refused_field


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body; raises `Problem` 413 as soon as it is known to be longer than `max_bytes`."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced[:20]) > max_bytes:
        raise _too_large(f"{announced} bytes", max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(f"more than {max_bytes} bytes", max_bytes)
    return bytes(body)


def _too_large(size: str, max_bytes: int) -> Problem:
    return refused_field("body", size, f"at most {max_bytes} bytes", status=413)
