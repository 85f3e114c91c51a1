"""`GET /ops/series`: recorded series of one tenant over a bounded window."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from recommndr.identity import Tenant
from recommndr_rollout.prometheus import NoAnswer
from recommndr_rollout.series import MAX_MINUTES, Grid, Lines, Series, selector, series_of

_log = logging.getLogger(__name__)


def router(lines: Lines, now: Callable[[], datetime]) -> APIRouter:
    """The route; `lines` may block, so it runs on a thread."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/ops/series", summary="Rates, errors, latency and ladder of a tenant's slots over a window")
    def ops_series(
        response: Response,
        tenant: Annotated[Tenant, Query()],
        minutes: Annotated[int, Query(ge=5, le=MAX_MINUTES, description="length of the window, up to now")] = 60,
    ) -> Series:
        response.headers["cache-control"] = "no-store"
        grid = Grid.until(now(), minutes)
        try:
            return series_of(lines(selector(tenant), grid), grid)
        except NoAnswer as cause:
            _log.warning("%s; the page shows no series", cause)
            return series_of(None, grid)

    return routes
