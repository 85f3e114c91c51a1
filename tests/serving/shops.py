"""A slot in this process: its app over rows and answers in memory, two shops, and a clock that stands still."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from recommndr.attribution import Attribution, verify
from recommndr.attribution_keys import AttributionKeys
from recommndr.audit_log import AuditLog
from recommndr.identity import TenantId
from recommndr.release import Placement, Release
from recommndr.rule_files import RuleFiles
from recommndr.shopper_token import TokenKeys, TokenSigner
from recommndr.tenancy import ALL_SCOPES, ServerKey, TenantPolicy, Tenants, hash_key, new_server_key
from recommndr_background.traces import NO_TRACES, Tracer
from recommndr_http.credential import Credentials
from recommndr_serving.http.api import create_app
from recommndr_serving.live.served import MemoryServedLog
from recommndr_serving.live.user_rows import MemoryUserRows, Row, UserRows
from recommndr_serving.metrics import Metrics
from recommndr_serving.releases.bundle_load import load_bundle
from recommndr_serving.rules.changes import RuleChanges
from recommndr_serving.slot import Signer, Slot
from recommndr_serving.tenant_slot import TenantSlot
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, bought, catalog_item, item_id, row_of
from tests.recommndr.tokens import private_key

GROCER, BOOKS = TenantId("grocer"), TenantId("books")
KEY, EVENTS_ONLY_KEY, READ_KEY, BOOKS_KEY = (new_server_key(tenant) for tenant in ("grocer", "grocer", "grocer", "books"))
CREDENTIALS = Tenants(
    tenants={
        GROCER: TenantPolicy(
            keys=(
                ServerKey(sha256=hash_key(KEY), scopes=ALL_SCOPES),
                ServerKey(sha256=hash_key(EVENTS_ONLY_KEY), scopes=("events",)),
                ServerKey(sha256=hash_key(READ_KEY), scopes=("read",)),
            )
        ),
        BOOKS: TenantPolicy(keys=(ServerKey(sha256=hash_key(BOOKS_KEY), scopes=ALL_SCOPES),)),
    }
)
SIGNING_KEY = b"s" * 32
TOKEN_SIGNER = TokenSigner(private_key())
TOKEN_KEYS = TokenKeys({"keys": [TOKEN_SIGNER.jwk]})
ROWS: dict[tuple[str, str], Row] = {(GROCER, "anna"): row_of(bought(10, 11, state=bought(10, days_ago=8.0)))}


@dataclass
class Shop:
    """A running slot and a client of it."""

    client: httpx.AsyncClient
    slot: Slot
    rows: MemoryUserRows
    served: MemoryServedLog

    @property
    def grocer(self) -> TenantSlot:
        return self.slot.tenants[GROCER]

    def count(self, name: str, **labels: str) -> float:
        return self.slot.metrics.registry.get_sample_value(name, labels) or 0.0

    async def recommend(self, user_id: str = "anna", **asked: Any) -> httpx.Response:
        return await self.client.post("/recommend", json={"user_id": user_id} | asked, headers=headers(user_id))

    async def list_for(self, user_id: str = "anna", **asked: Any) -> dict[str, Any]:
        response = await self.recommend(user_id, **asked)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


def headers(user_id: str | None = None, key: str = KEY, tenant: str = GROCER) -> dict[str, str]:
    found = {"authorization": f"Bearer {key}", "x-recommndr-tenant": tenant}
    return found if user_id is None else found | {"x-recommndr-user": user_id}


def token(user_id: str = "anna", tenant: str = GROCER, at: datetime = NOW) -> str:
    return TOKEN_SIGNER.issue(tenant, user_id, at)[0]


def ids(answer: Mapping[str, Any]) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def attribution_of(answer: Mapping[str, Any], user_id: str = "anna") -> Attribution:
    return verify(answer["attribution"], {"k1": SIGNING_KEY}, GROCER, user_id, NOW)


def placement_of(bundle: WrittenBundle, model_version: int = 1) -> Placement:
    return Placement(version=bundle.version, model_version=model_version, slot="blue")


def put_to_work(tenant: TenantSlot, bundle: WrittenBundle) -> None:
    placement = placement_of(bundle)
    tenant.serving = load_bundle(bundle.directory, tenant, placement, lambda: NOW)
    tenant.release = Release(tenant=tenant.tenant, release_id="grocer-v1", stable=placement)


@asynccontextmanager
async def open_shop(
    bundle: WrittenBundle | None,
    stocked: bool = True,
    now: Callable[[], datetime] = lambda: NOW,
    policy: TenantPolicy | None = None,
    user_rows: UserRows | None = None,
    tracer: Tracer = NO_TRACES,
) -> AsyncIterator[Shop]:
    """A slot whose grocer has the catalogue (if `stocked`) and serves `bundle`; the bookshop has nothing."""
    tenants = {tenant: TenantSlot(tenant, policy or TenantPolicy()) for tenant in CREDENTIALS.tenants}
    if stocked:
        tenants[GROCER].items.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    if bundle is not None:
        put_to_work(tenants[GROCER], bundle)
    rows, served = MemoryUserRows(ROWS), MemoryServedLog()
    credentials = Credentials(lambda: CREDENTIALS, lambda: TOKEN_KEYS, now)
    with TemporaryDirectory() as folder:
        rules = RuleChanges(RuleFiles(Path(folder) / "rules"), AuditLog(Path(folder) / "audit.jsonl"), now)
        slot = Slot(
            "blue",
            credentials,
            tenants,
            user_rows or rows,
            served,
            now,
            rules,
            Metrics(),
            Signer(lambda: AttributionKeys({"k1": SIGNING_KEY})),
            tracer,
        )

        @asynccontextmanager
        async def open_slot() -> AsyncIterator[Slot]:
            yield slot

        app = create_app(open_slot)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://slot") as client:
                yield Shop(client, slot, rows, served)
