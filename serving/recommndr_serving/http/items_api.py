"""`/items` and `/items/{id}`: the catalogue for storefronts."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from recommndr.catalog import CatalogItem
from recommndr.identity import Item
from recommndr_http.path import ID
from recommndr_http.problem import refused_field
from recommndr_serving.http.answers import respond
from recommndr_serving.http.auth import tenant_of
from recommndr_serving.http.openapi import ITEM_ANSWER, PAGE_ANSWER
from recommndr_serving.http.plain_route import PlainRoute
from recommndr_serving.http.readiness import check_catalogue_read, unknown_item
from recommndr_serving.http.requests import ItemsQuery
from recommndr_serving.live.item_pages import from_cursor
from recommndr_serving.slot import Slot

router = APIRouter(tags=["catalogue"])
_pages = APIRouter(tags=["catalogue"], route_class=PlainRoute)


@_pages.get("/items", response_class=Response, responses=PAGE_ANSWER)
async def list_items(request: Request, query: Annotated[ItemsQuery, Query()]) -> Response:
    """A page of items in stock, in the order of their ids."""
    slot: Slot = request.app.state.slot
    tenant = tenant_of(request)
    try:
        after_id = from_cursor(query.cursor or "")
    except ValueError:
        raise refused_field("cursor", query.cursor, "next_cursor of the previous page") from None
    now_s = slot.now().timestamp()
    check_catalogue_read(slot.awaited())
    page = await asyncio.to_thread(tenant.pages.page, query.item_filters(), query.q or "", after_id, query.limit, now_s)
    return respond({"items": [_shown(item, available=True) for item in page.items], "next_cursor": page.next_cursor})


router.include_router(_pages)


@router.get(f"/items/{{item_id:{ID}}}", response_class=Response, responses=ITEM_ANSWER)
async def get_item(request: Request, item_id: Annotated[Item, Path()]) -> Response:
    """One item of the catalogue, with whether it is in stock."""
    slot: Slot = request.app.state.slot
    tenant = tenant_of(request)
    awaited = slot.awaited()
    found = tenant.items.get(item_id)
    if found is None:
        raise unknown_item(item_id, awaited)
    rows = tenant.items.rows_of([item_id])
    available = bool(tenant.items.table.shown(rows, slot.now().timestamp())[0])
    return respond(_shown(found, available=available))


def _shown(item: CatalogItem, *, available: bool) -> dict[str, Any]:
    return {**item.model_dump(mode="json"), "available": available}
