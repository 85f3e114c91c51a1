"""Security headers of every answer."""

from collections.abc import Sequence

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}


def content_policy(edge_origin: str, script_hashes: Sequence[str]) -> str:
    """Scripts and styles from this origin only, requests to it and the edge only, pictures from any https host.

    Style attributes are allowed, because Next and our drawings use them, and they cannot run code.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data: https:",
            f"connect-src 'self' {edge_origin}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
