"""The catalogue's writes. All are idempotent: after a 503 the client sends the same again."""

from collections import Counter
from dataclasses import replace
from itertools import takewhile

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommndr.edge import MAX_ITEM_BYTES
from recommndr_collector import catalogue
from recommndr_collector.catalogue_view import CatalogueUnread
from recommndr_collector.event_log import Record
from recommndr_collector.gate import Gate, GateDependency
from recommndr_collector.openapi import AVAILABILITY_ANSWER, AVAILABILITY_BODY, ITEMS_ANSWER, ITEMS_BODY
from recommndr_collector.request import CatalogueCaller, item_id_in_path
from recommndr_collector.turns import split
from recommndr_http.body import read_body
from recommndr_http.json_shape import Member
from recommndr_http.path import ID
from recommndr_http.problem import MAX_ERRORS, FieldError, Problem, refused_field, refused_fields

_MAX_AVAILABILITY_BYTES = 4_096

router = APIRouter(prefix="/items", tags=["catalogue"])

_OUTCOMES = {None: "accepted", 503: "unknown"}


@router.put(
    "",
    status_code=202,
    summary="Write 1-1,000 whole items; if one is invalid, none is written",
    response_class=Response,
    responses=ITEMS_ANSWER,
    openapi_extra=ITEMS_BODY,
)
async def put_items(request: Request, caller: CatalogueCaller, gate: GateDependency) -> Response:
    """A 400 names up to 20 wrong fields by their position in the list."""
    policy = request.app.state.tenants.tenants[caller.tenant]
    members = await split(catalogue.items, await read_body(request, MAX_ITEM_BYTES))
    errors: list[FieldError] = []

    def record(member: tuple[int, Member]) -> Record | None:
        place, sent = member
        try:
            return catalogue.item(caller.tenant, policy, sent)
        except Problem as problem:
            errors.extend(_in_list(place, error) for error in problem.errors)
            return None

    few_errors = takewhile(lambda _: len(errors) < MAX_ERRORS, enumerate(members))
    records = [one for one in await gate.turns.each(record, few_errors) if one is not None]
    if errors:
        raise refused_fields(errors[:MAX_ERRORS])
    await gate.note(caller, "catalogue.put", n_items=len(records))
    await _write(gate, caller.tenant, "put", records)
    return _accepted(len(records))


def _in_list(place: int, error: FieldError) -> FieldError:
    return replace(error, field=str(place) if error.field == "body" else f"{place}.{error.field}")


@router.patch(
    f"/{{item_id:{ID}}}/availability",
    status_code=202,
    summary="Set whether an item is in stock",
    response_class=Response,
    responses=AVAILABILITY_ANSWER,
    openapi_extra=AVAILABILITY_BODY,
)
async def patch_availability(request: Request, caller: CatalogueCaller, gate: GateDependency, item_id: str) -> Response:
    """An item out of stock is in no list after 2 s. 404 for an item that is not in the catalogue: put it first."""
    del item_id  # read from the raw path, strictly
    named = item_id_in_path(request, "/availability")
    record = catalogue.availability(caller.tenant, named, await read_body(request, _MAX_AVAILABILITY_BYTES))
    try:
        known = await gate.catalogue.holds(record.key)
    except CatalogueUnread as cause:
        raise Problem(503, f"{cause}; send the same request again", headers={"Retry-After": "1"}) from None
    if not known:
        raise refused_field("item_id", named, "an item of the catalogue; send it with PUT /items first", status=404)
    await gate.note(caller, "catalogue.availability", item_id=named)
    await _write(gate, caller.tenant, "availability", [record])
    return _accepted(1)


@router.delete(
    f"/{{item_id:{ID}}}",
    status_code=202,
    summary="Delete an item from the catalogue",
    response_class=Response,
    responses=ITEMS_ANSWER,
)
async def delete_item(request: Request, caller: CatalogueCaller, gate: GateDependency, item_id: str) -> Response:
    """Deleting an item that does not exist is accepted too."""
    item_id = item_id_in_path(request)  # from the raw path, strictly
    records = catalogue.deletion(caller.tenant, item_id)
    await gate.note(caller, "catalogue.delete", item_id=item_id)
    for record in records:
        await _write(gate, caller.tenant, "delete", [record])
    return _accepted(1)


async def _write(gate: Gate, tenant: str, operation: str, records: list[Record]) -> None:
    problems = await gate.write(records)
    outcomes = Counter(_OUTCOMES.get(problem.status if problem else None, "invalid") for problem in problems)
    for outcome, n in outcomes.items():
        gate.metrics.catalogue.labels(tenant, operation, outcome).inc(n)
    first = next((problem for problem in problems if problem is not None), None)
    if first is not None:
        raise first


def _accepted(n: int) -> Response:
    return Response(orjson.dumps({"accepted": n, "status": 202}), 202, media_type="application/json")
