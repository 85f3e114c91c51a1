"""Refuses requests that other sites' pages send with the login of an operator.

Browsers add a Basic login to every request to this server, whichever page sends it. A header of our own tells ours apart: a
page of another origin may send it only after a preflight, which this server does not grant. Browsers also name the origin.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from recommndr_http.problem import Problem, shown_value

CONSOLE_HEADER = "x-recommndr-console"
_TITLE = "The request does not come from the operators' page"


def refuse_foreign(headers: Headers) -> None:
    """Raises `Problem` 403, or 415 for a body that a form could send."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if headers.get(CONSOLE_HEADER) != "1":
        raise Problem(403, f"expected the header {CONSOLE_HEADER}: 1", title=_TITLE)
    if site is not None and site != "same-origin":
        raise Problem(403, f"sec-fetch-site: got {shown_value(site)}, expected same-origin", title=_TITLE)
    # TLS may end before this server, so the origin's scheme says nothing here.
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise Problem(403, f"origin: got {shown_value(origin)}, expected this server's own", title=_TITLE)
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "content-type: expected application/json", title="The body is of another type")
