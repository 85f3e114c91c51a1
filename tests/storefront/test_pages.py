"""Pages: what is in the export is served with the right headers, nothing else is."""

import base64
import hashlib
import http.client
from pathlib import Path

import pytest

from recommndr_storefront.pages import NoExport, Pages
from tests.storefront.shop_server import EDGE_URL, FILES, INLINE, Server, export


@pytest.mark.parametrize(("path", "name"), [("/", "index.html"), ("/product", "product.html"), ("/product/", "product.html")])
async def test_a_page_is_asked_for_without_its_ending_and_checked_each_time(server: Server, path: str, name: str) -> None:
    answer = await server.client.get(path, params={"id": "42"})
    assert (answer.status_code, answer.text) == (200, FILES[name])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = await server.client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_named_by_its_content_is_kept_for_ever(server: Server) -> None:
    answer = await server.client.get("/_next/static/a1b2.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await server.client.get("/product.txt")).headers["cache-control"] == "no-cache"


async def test_an_answer_is_compressed_for_those_who_can_read_it(server: Server) -> None:
    compressed = await server.client.get("/_next/static/a1b2.js", headers={"accept-encoding": "gzip"})
    plain = await server.client.get("/_next/static/a1b2.js", headers={"accept-encoding": "identity"})
    assert compressed.text == plain.text == FILES["_next/static/a1b2.js"]
    assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"])
    assert compressed.headers["vary"] == "accept-encoding"


async def test_a_page_may_run_its_own_scripts_only_and_call_the_edge_only(server: Server) -> None:
    policy = (await server.client.get("/")).headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digest = base64.b64encode(hashlib.sha256(INLINE.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'self' 'sha256-{digest}'"
    assert rules["connect-src"] == f"'self' {EDGE_URL}"
    assert rules["frame-ancestors"] == "'none'"
    assert (await server.client.get("/")).headers["x-content-type-options"] == "nosniff"


async def test_what_is_not_there_has_a_page_that_says_so(server: Server) -> None:
    answer = await server.client.get("/nowhere")
    assert (answer.status_code, answer.text) == (404, FILES["404.html"])
    assert server.count("page", http.client.NOT_FOUND) == 1


@pytest.mark.parametrize("path", ["/../keys/grocer", "/%2e%2e/keys/grocer", "/_next/..%2f..%2fkeys/grocer", "//etc/passwd"])
async def test_no_path_leads_out_of_the_export(server: Server, path: str) -> None:
    # As it is: an ordinary client would tidy the path up first.
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": []}
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    app = server.client._transport.app  # type: ignore[attr-defined]
    await app(scope | {"scheme": "http", "server": ("shop.test", 80), "root_path": "", "http_version": "1.1"}, receive, send)
    assert sent[0]["status"] == 404
    assert b"secret" not in b"".join(bytes(message.get("body", b"")) for message in sent)  # type: ignore[call-overload]


async def test_pages_answer_to_no_other_method(server: Server) -> None:
    assert (await server.client.post("/")).status_code == 405
    assert (await server.client.head("/")).status_code == 200


def test_without_an_export_there_is_a_word_on_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NoExport, match="make setup"):
        Pages(tmp_path)
    assert Pages(export(tmp_path)).find("/product.html") is None
