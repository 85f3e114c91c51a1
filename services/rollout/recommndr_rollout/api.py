"""Rollout's HTTP interface: figures for the operators' page, further routes, health, metrics. Not behind the edge."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CollectorRegistry

from recommndr_http import probes, refusals
from recommndr_rollout.figures import Figures


def create_app(
    figures: Callable[[], Figures],
    routers: Sequence[APIRouter],
    registry: CollectorRegistry,
    ready: Callable[[], bool],
    stalled: Callable[[], list[str]] = list,
) -> FastAPI:
    """The application; `figures` may block, it is called on a thread. It is not live while `stalled` names a loop."""
    app = FastAPI(title="Recommndr rollout", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)

    @app.get("/ops/figures", tags=["operation"], summary="Versions and figures of each slot")
    def ops_figures(response: Response) -> Figures:
        response.headers["cache-control"] = "no-store"
        return figures()

    @app.get("/health/live", tags=["health"], response_class=Response)
    async def live() -> Response:
        return probes.live(stalled())

    @app.get("/health/ready", tags=["health"], response_class=Response)
    async def health() -> Response:
        return probes.ready([] if ready() else ["first tick"])

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        return probes.metrics(registry)

    for router in routers:
        app.include_router(router)
    refusals.install(app)
    return app
