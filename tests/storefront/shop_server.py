"""The storefront's server in this process, over an export of three files and an edge and a rollout that do as the test says."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from recommndr.identity import TenantId, UserId
from recommndr_http.operators import Operators
from recommndr_storefront.app import Storefront, create_app, create_metrics_app
from recommndr_storefront.gate import PasswordGate
from recommndr_storefront.metrics import Metrics
from recommndr_storefront.operations import Operations
from recommndr_storefront.pages import Pages
from recommndr_storefront.sessions import Sessions
from recommndr_storefront.shops import Shop, Shopper, write_shops
from recommndr_storefront.sign_in import SignIn
from recommndr_storefront.tokens import Tokens
from recommndr_storefront.visitors import Visitors

EDGE_URL = "http://edge.test"
INLINE = "self.start=1"
FILES = {
    "index.html": f"<html><script>{INLINE}</script><script src='/_next/static/a1b2.js' async></script>{'<p>shop</p>' * 99}",
    "product.html": "<html>product</html>",
    "404.html": "<html>not here</html>",
    "product.txt": "payload",
    "ops.html": "<html>operations</html>",
    "ops.txt": "operations' payload",
    "ops/runbooks/SlotDown.html": "<html>runbook</html>",
    "_next/static/a1b2.js": "console.log('x');" * 99,
}
SHOP = Shop(
    tenant=TenantId("grocer"),
    name="Grocer",
    currency="USD",
    shoppers=(Shopper(user_id=UserId("anna"), label="Anna", kind="hot"),),
)

SESSION_KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "a-password-of-operators"
OPERATOR = ("operator", PASSWORD)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = {"token": "t", "expires_at": "2026-01-01T00:00:00Z", "expires_in_s": 900}
Answer = Callable[[httpx.Request], httpx.Response]


def export(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@dataclass
class Server:
    client: httpx.AsyncClient
    inner_client: httpx.AsyncClient
    folder: Path
    metrics: Metrics
    now: datetime = NOW
    answer: Answer = lambda _: httpx.Response(200, json=TOKEN)
    asked: list[httpx.Request] = field(default_factory=list)

    @property
    def shops_file(self) -> Path:
        return self.folder / "storefront" / "shops.json"

    def edge(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)

    def count(self, asked: str, status: int) -> float:
        labels = {"asked": asked, "status": str(status)}
        return self.metrics.registry.get_sample_value("recommndr_storefront_requests_total", labels) or 0.0


@asynccontextmanager
async def open_server(
    folder: Path, *, dev: bool = True, password: str = PASSWORD, sign_in: SignIn | None = None
) -> AsyncIterator[Server]:
    (folder / "keys").mkdir()
    (folder / "keys" / "grocer").write_text("rk_grocer_secret\n")
    (folder / "keys" / "grocer.session").write_text(f"{SESSION_KEY}\n")
    unset = httpx.AsyncClient()
    await unset.aclose()
    server = Server(unset, unset, folder, Metrics(CollectorRegistry()))
    write_shops(server.shops_file, [SHOP])
    async with httpx.AsyncClient(transport=httpx.MockTransport(server.edge), base_url=EDGE_URL) as edge:
        pages = Pages(export(folder / "out"))
        tokens = Tokens(edge, folder / "keys")
        visitors = Visitors(folder / "keys", lambda: server.now, secure=not dev)
        sessions = Sessions(server.shops_file, tokens, visitors, EDGE_URL, dev)
        gate = sign_in or PasswordGate(Operators(SecretStr(password)))
        storefront = Storefront(pages, sessions, Operations(edge), gate, server.metrics)
        outer = httpx.ASGITransport(create_app(storefront, sign_in))
        inner = httpx.ASGITransport(create_metrics_app(storefront))
        async with (
            httpx.AsyncClient(transport=outer, base_url="https://shop.test") as server.client,
            httpx.AsyncClient(transport=inner, base_url="http://storefront") as server.inner_client,
        ):
            yield server
