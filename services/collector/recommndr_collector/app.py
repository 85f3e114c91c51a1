"""The collector's HTTP interface, built from the objects passed in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import Response

from recommndr.tenancy import Tenants
from recommndr_collector import events_api, items_api, tokens_api, users_api
from recommndr_collector.gate import Gate
from recommndr_collector.openapi import schema_of
from recommndr_http import probes, refusals
from recommndr_http.openapi import operation_id

OpenGate = Callable[[], AbstractAsyncContextManager[Gate]]


def create_app(open_gate: OpenGate, tenants: Tenants) -> FastAPI:
    """The application; `open_gate` is entered when it starts and left when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_gate() as gate:
            gate.metrics.expect(tenants.tenants)
            app.state.gate = gate
            yield

    app = FastAPI(
        title="Recommndr collector",
        version="1",
        description="Receives shoppers' events and the shop's catalogue, for the tenant of the credential.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,  # a redirect would use the request's Host header, which a client can forge
    )
    app.state.tenants = tenants
    app.include_router(events_api.router)
    app.include_router(items_api.router)
    app.include_router(tokens_api.router)
    app.include_router(users_api.router)
    app.add_api_route("/health/live", _live, name="live", response_class=Response, methods=["GET"], tags=["health"])
    app.add_api_route("/health/ready", _ready, name="ready", response_class=Response, methods=["GET"], tags=["health"])
    app.add_api_route("/metrics", _metrics, name="metrics", response_class=Response, methods=["GET"], tags=["health"])
    refusals.install(app, _count)
    app.openapi = lambda: schema_of(app)  # type: ignore[method-assign]
    return app


async def _live(request: Request) -> Response:
    gate: Gate = request.app.state.gate
    return probes.live(gate.stalled())


async def _ready(request: Request) -> Response:
    gate: Gate = request.app.state.gate
    return probes.ready([] if gate.log.ready else ["event log"])


async def _metrics(request: Request) -> Response:
    probes.refuse_edge(request.headers, request.url.path)
    gate: Gate = request.app.state.gate
    return probes.metrics(gate.metrics.registry)


def _count(request: Request, status: int) -> None:
    gate: Gate = request.app.state.gate
    gate.metrics.refused.labels(status).inc()
