"""A collector in this process: its app over a log in memory, a shop's key, and a clock that stands still."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from prometheus_client import CollectorRegistry

from recommndr.audit_log import AuditLog
from recommndr.shopper_token import TokenKeys, TokenSigner
from recommndr.tenancy import ALL_SCOPES, ServerKey, TenantPolicy, Tenants, hash_key, new_server_key
from recommndr_background.traces import NO_TRACES, Tracer
from recommndr_collector.app import create_app
from recommndr_collector.catalogue_view import InMemoryCatalogue
from recommndr_collector.event_log import EventLog, InMemoryEventLog
from recommndr_collector.gate import Gate
from recommndr_collector.metrics import Metrics
from recommndr_collector.turns import Turns
from recommndr_http.credential import Credentials
from tests.recommndr.tokens import private_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIGNING_KEY = b"k" * 32
KEY, EVENTS_ONLY_KEY, READ_ONLY_KEY, FOREIGN_KEY = (new_server_key(tenant) for tenant in ("grocer",) * 3 + ("books",))
TOKEN_SIGNER = TokenSigner(private_key())
TOKEN_KEYS = TokenKeys({"keys": [TOKEN_SIGNER.jwk]})
TENANTS = Tenants(
    tenants={
        "grocer": TenantPolicy(
            own_kinds=("interest", "apply"),
            weights={"interest": 2.0, "apply": 8.0},
            keys=(
                ServerKey(sha256=hash_key(KEY), scopes=ALL_SCOPES),
                ServerKey(sha256=hash_key(EVENTS_ONLY_KEY), scopes=("events",)),
                ServerKey(sha256=hash_key(READ_ONLY_KEY), scopes=("read",)),
            ),
        ),
        "books": TenantPolicy(  # its shoppers' browsers may send purchases, and its limits are a low quantity and a high price
            own_kinds=("lend",),
            weights={"lend": 1.0},
            keys=(ServerKey(sha256=hash_key(FOREIGN_KEY), scopes=ALL_SCOPES),),
            extra_browser_kinds=("purchase", "lend"),
            max_shopper_events_per_min=30,
            max_quantity=50,
            max_price_minor=99_999,
        ),
    }
)


def bearer(key: str = KEY) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def token(user_id: str = "u1", tenant: str = "grocer", at: datetime = NOW) -> str:
    return TOKEN_SIGNER.issue(tenant, user_id, at)[0]


def click(n: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": str(UUID(int=n)),
        "kind": "click",
        "user_id": "u1",
        "occurred_at": NOW.isoformat(),
        "lines": [{"item_id": "i1"}],
    } | changes


@dataclass
class Collector:
    client: httpx.AsyncClient
    log: EventLog
    catalogue: InMemoryCatalogue
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def open_collector(
    log: EventLog | None = None,
    key: str | None = KEY,
    signer: TokenSigner | None = TOKEN_SIGNER,
    tenants: Tenants = TENANTS,
    audit: AuditLog | None = None,
    clock: Callable[[], float] = time.perf_counter,
    *,
    tracer: Tracer = NO_TRACES,
) -> AsyncIterator[Collector]:
    metrics = Metrics(CollectorRegistry())
    log = InMemoryEventLog() if log is None else log
    catalogue = InMemoryCatalogue(log.records if isinstance(log, InMemoryEventLog) else [])

    @asynccontextmanager
    async def open_gate() -> AsyncIterator[Gate]:
        credentials = Credentials(lambda: tenants, lambda: TOKEN_KEYS, lambda: NOW)
        keys, turns = {"k1": SIGNING_KEY}, Turns(clock)
        yield Gate(
            log, credentials, lambda: NOW, lambda: keys, metrics, catalogue, lambda: signer,
            turns=turns, audit=audit, tracer=tracer,
        )  # fmt: skip

    app = create_app(open_gate, tenants)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        headers = bearer(key) if key else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://collector", headers=headers) as client:
            yield Collector(client, log, catalogue, metrics)
