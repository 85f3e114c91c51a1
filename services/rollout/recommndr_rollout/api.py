"""Rollout's HTTP interface: figures for the operators' page, health, metrics. For this machine's network only, not the edge."""

from collections.abc import Callable

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from recommndr_rollout.figures import Figures


def create_app(
    figures: Callable[[], Figures],
    registry: CollectorRegistry,
    ready: Callable[[], bool],
    stalled: Callable[[], list[str]] = list,
) -> FastAPI:
    """The application; `figures` may block, it is called on a thread. It is not live while `stalled` names a loop."""
    app = FastAPI(title="Recommndr rollout", version="1", docs_url=None, redoc_url=None)

    @app.get("/ops/figures", tags=["operation"], summary="What is live where, and how it does")
    def ops_figures(response: Response) -> Figures:
        response.headers["cache-control"] = "no-store"
        return figures()

    @app.get("/health/live", tags=["health"], response_class=PlainTextResponse)
    async def live() -> Response:
        hanging = stalled()
        return PlainTextResponse(f"stalled: {', '.join(hanging)}\n", 503) if hanging else PlainTextResponse("live\n")

    @app.get("/health/ready", tags=["health"], response_class=PlainTextResponse)
    async def health() -> Response:
        return PlainTextResponse("ready\n") if ready() else PlainTextResponse("no tick yet\n", 503)

    @app.get("/metrics", tags=["health"])
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
