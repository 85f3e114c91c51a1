"""The collector's HTTP interface, put together from what is passed in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from recommndr.tenancy import Tenants
from recommndr_collector import events_api, items_api, tokens_api
from recommndr_collector.gate import Gate
from recommndr_collector.openapi import schema_of
from recommndr_collector.problems import TITLES, Problem

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
        description="What shoppers did and what a shop sells, for the tenant of the credential.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.tenants = tenants
    app.include_router(events_api.router)
    app.include_router(items_api.router)
    app.include_router(tokens_api.router)
    app.add_api_route("/health/live", _live, response_class=Response, methods=["GET"], tags=["health"])
    app.add_api_route("/health/ready", _ready, response_class=Response, methods=["GET"], tags=["health"])
    app.add_api_route("/metrics", _metrics, response_class=Response, methods=["GET"], tags=["health"])
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(HTTPException, _refused)
    app.openapi = lambda: schema_of(app)  # type: ignore[method-assign]
    return app


async def _live() -> Response:
    return Response("live\n", media_type="text/plain")


async def _ready(request: Request) -> Response:
    gate: Gate = request.app.state.gate
    ready = gate.log.ready
    return Response("ready\n" if ready else "no event log yet\n", 200 if ready else 503, media_type="text/plain")


async def _metrics(request: Request) -> Response:
    gate: Gate = request.app.state.gate
    return Response(generate_latest(gate.metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def _refused(request: Request, cause: Exception) -> Response:
    problem = cause if isinstance(cause, Problem) else _of_routing(request, cause)
    gate: Gate = request.app.state.gate
    gate.metrics.refused.labels(problem.status).inc()
    return problem.response()


def _of_routing(request: Request, cause: Exception) -> Problem:
    if isinstance(cause, HTTPException) and cause.status_code in TITLES:
        return Problem(cause.status_code, f"{request.method} {request.url.path}", headers=cause.headers or {})
    raise cause
