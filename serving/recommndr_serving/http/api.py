"""The HTTP interface of a slot, built from the objects passed in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from recommndr_http import refusals
from recommndr_http.openapi import operation_id
from recommndr_serving.http import items_api, lists_api, probes_api, rules_api, users_api
from recommndr_serving.http.edge import Observed, RequestLimit
from recommndr_serving.http.openapi import schema_of
from recommndr_serving.recommend import Recommender
from recommndr_serving.slot import Slot

OpenSlot = Callable[[], AbstractAsyncContextManager[Slot]]


def create_app(open_slot: OpenSlot) -> FastAPI:
    """The application; `open_slot` is entered when it starts and left when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_slot() as slot:
            app.state.slot = slot
            app.state.recommender = Recommender(slot.user_rows, slot.metrics, slot.now, slot.tracer)
            yield

    app = FastAPI(
        title="Recommndr serving",
        version="1",
        description="Recommendations, similar and popular items, and the catalogue, for the tenant of the server key.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,  # a redirect would use the request's Host header, which a client can forge
    )
    app.include_router(lists_api.router)
    app.include_router(items_api.router)
    app.include_router(users_api.router)
    app.include_router(rules_api.router)
    app.include_router(probes_api.router)
    app.add_middleware(RequestLimit)
    app.add_middleware(Observed)
    refusals.install(app)
    app.openapi = lambda: schema_of(app)  # type: ignore[method-assign]
    return app
