"""`/items`, `/search` and `/items/{id}`: the catalogue for storefronts."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from recommndr.catalog import CatalogItem
from recommndr.identity import Item
from recommndr_http.path import ID
from recommndr_serving.http import cursor
from recommndr_serving.http.answers import respond
from recommndr_serving.http.auth import tenant_of
from recommndr_serving.http.openapi import ITEM_ANSWER, PAGE_ANSWER, SEARCH_ANSWER
from recommndr_serving.http.plain_route import PlainRoute
from recommndr_serving.http.readiness import check_catalogue_read, unknown_item
from recommndr_serving.http.requests import ItemsQuery, SearchQuery
from recommndr_serving.slot import Slot
from recommndr_serving.tenant_slot import TenantSlot

router = APIRouter(tags=["catalogue"])
_pages = APIRouter(tags=["catalogue"], route_class=PlainRoute)


@_pages.get("/items", response_class=Response, responses=PAGE_ANSWER)
async def list_items(request: Request, query: Annotated[ItemsQuery, Query()]) -> Response:
    """A page of items in stock, in the order of their ids."""
    tenant, now_s = _read(request)
    after_id = "" if query.cursor is None else cursor.read(query.cursor)
    page = await asyncio.to_thread(tenant.pages.page, query.item_filters(), after_id, query.limit, now_s)
    following = cursor.written(page.items[-1].item_id) if page.more else None
    return respond({"items": [_shown(item, available=True) for item in page.items], "next_cursor": following})


@_pages.get("/search", response_class=Response, responses=SEARCH_ANSWER)
async def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """Items in stock that have the words of the query, whatever their case, accents and small typos.

    If no item has all words, `matched` is `some`, and those with the most of them are found.
    """
    tenant, now_s = _read(request)
    after = None if query.cursor is None else cursor.read_place(query.cursor)
    searched = query.searched(after, tenant.rules.in_force(now_s).blocked)
    found = await asyncio.to_thread(tenant.search.find, searched, now_s)
    following = cursor.written_place(found.n_before, found.items[-1].item_id) if found.more and found.items else None
    body: dict[str, Any] = {
        "items": [_shown(item, available=True) for item in found.items],
        "total": found.total,
        "matched": found.matched,
        "next_cursor": following,
        "facets": None if found.facets is None else asdict(found.facets),
    }
    return respond(body)


def _read(request: Request) -> tuple[TenantSlot, float]:
    """The tenant, whose catalogue is read, and the current time in seconds since the epoch."""
    slot: Slot = request.app.state.slot
    tenant = tenant_of(request)
    check_catalogue_read(slot.awaited())
    return tenant, slot.now().timestamp()


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
