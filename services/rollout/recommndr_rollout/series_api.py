"""`GET /ops/series`: recorded series of one tenant over a bounded window."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from recommndr.identity import Tenant
from recommndr.release import Release
from recommndr_rollout.prometheus import NoAnswer
from recommndr_rollout.series import MAX_MINUTES, Grid, Line, Lines, Series, selector, series_of

_log = logging.getLogger(__name__)


def router(lines: Lines, release_of: Callable[[str], Release | None], now: Callable[[], datetime]) -> APIRouter:
    """The route; `lines` and `release_of` may block, so it runs on a thread."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/ops/series", summary="Rates, errors, latency, ladder and clicks of a tenant's slots over a window")
    def ops_series(
        response: Response,
        tenant: Annotated[Tenant, Query()],
        minutes: Annotated[int, Query(ge=5, le=MAX_MINUTES, description="length of the window, up to now")] = 60,
    ) -> Series:
        response.headers["cache-control"] = "no-store"
        grid = Grid.until(now(), minutes)
        try:
            found: Sequence[Line] | None = lines(selector(tenant), grid)
        except NoAnswer as cause:
            _log.warning("%s; the page shows no series", cause)
            found = None
        return series_of(found, grid, release_of(tenant))

    return routes
