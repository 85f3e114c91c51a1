"""`/recommend`, `/similar_items`, `/popular`: routes translate; the deciding is done in `recommend.py` and the pipeline."""

from collections import Counter
from itertools import chain
from time import perf_counter
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from recommndr.caller import Caller
from recommndr_engine.arrays import NO_ROW
from recommndr_http.problem import refused_field
from recommndr_serving.http import answers
from recommndr_serving.http.auth import caller_of, tenant_for, tenant_of
from recommndr_serving.http.items_api import unknown_item
from recommndr_serving.http.openapi import LIST_ANSWER, RECOMMEND_BODY, RECOMMENDATION
from recommndr_serving.http.requests import (
    PopularQuery,
    RecommendQuery,
    RecommendRequest,
    SimilarQuery,
    recommend_request,
)
from recommndr_serving.http.shedding import refuse_unwanted
from recommndr_serving.live.served_record import served_record
from recommndr_serving.recommend import Outcome, Recommender
from recommndr_serving.slot import Slot
from recommndr_serving.tenant_slot import TenantSlot

router = APIRouter(tags=["lists"])


@router.post("/recommend", response_class=Response, responses=RECOMMENDATION, openapi_extra=RECOMMEND_BODY)
async def recommend(request: Request) -> Response:
    """The list of a shopper. Always an answer: `ladder` says what it had to do without."""
    caller = caller_of(request)
    return await _recommend(request, caller, recommend_request(await request.body()))


@router.get("/recommend", response_class=Response, responses=RECOMMENDATION)
async def recommend_by_query(request: Request, query: Annotated[RecommendQuery, Query()]) -> Response:
    """The same as `POST /recommend`, flat."""
    return await _recommend(request, caller_of(request), query.to_request())


@router.get("/similar_items", response_class=Response, responses=LIST_ANSWER)
async def similar_items(request: Request, query: Annotated[SimilarQuery, Query()]) -> Response:
    """Items like one item; what sells in its category when the bundle does not know it."""
    began_s = perf_counter()
    slot, tenant = _slot(request), tenant_of(request)
    recommender: Recommender = request.app.state.recommender
    known = tenant.items.get(query.item_id)
    row = NO_ROW if tenant.serving is None else tenant.serving.pipeline.items.row(query.item_id)
    if known is None and row == NO_ROW:
        raise unknown_item(slot, query.item_id)
    category = () if known is None else known.category_path
    outcome = recommender.similar(tenant, query, category, slot.now().timestamp())
    return _answer(request, tenant, outcome, answers.item_list(outcome, tenant.items, query.fields), began_s)


@router.get("/popular", response_class=Response, responses=LIST_ANSWER)
async def popular(request: Request, query: Annotated[PopularQuery, Query()]) -> Response:
    """What sells, in a category or in all."""
    began_s = perf_counter()
    slot, tenant = _slot(request), tenant_of(request)
    recommender: Recommender = request.app.state.recommender
    outcome = recommender.popular(tenant, query.list_request(), slot.now().timestamp())
    return _answer(request, tenant, outcome, answers.item_list(outcome, tenant.items, query.fields), began_s)


async def _recommend(request: Request, caller: Caller, asked: RecommendRequest) -> Response:
    began_s = perf_counter()
    tenant = tenant_for(request, caller, asked.user_id)
    if caller.subject is not None and asked.explain == "inputs":
        raise refused_field("explain", "inputs", "true or false: a shopper's token reads no ranker inputs", status=403)
    recommender: Recommender = request.app.state.recommender
    async with recommender.turns:
        await refuse_unwanted(request)
        profile = await recommender.profile(tenant.tenant, asked.user_id, asked.context)
        at_s = _slot(request).now().timestamp()
        outcome = recommender.recommend(tenant, profile.used, asked.list_request(), at_s)
    issue = answers.Issue(asked.user_id, uuid4().hex, "recommend", at_s)
    body = {
        "request_id": issue.request_id,
        "attribution": answers.attribution(_slot(request).signer, tenant.tenant, issue, outcome),
        "items": answers.item_list(outcome, tenant.items, asked.fields, asked.explain),
        **answers.provenance(outcome),
        "user_profile": answers.user_profile(profile),
    }
    _slot(request).served.note(tenant.tenant, asked.user_id, served_record(issue, outcome))
    return _sent(request, tenant, outcome, body, began_s)


def _answer(request: Request, tenant: TenantSlot, outcome: Outcome, items: list[dict[str, Any]], began_s: float) -> Response:
    body = {"request_id": uuid4().hex, "items": items, **answers.provenance(outcome)}
    return _sent(request, tenant, outcome, body, began_s)


def _sent(request: Request, tenant: TenantSlot, outcome: Outcome, body: dict[str, Any], began_s: float) -> Response:
    _slot(request).metrics.answers.labels(request.url.path, tenant.tenant, outcome.step).inc()
    for source, n in Counter(chain.from_iterable(place.sources for place in outcome.places)).items():
        _slot(request).metrics.places.labels(tenant.tenant, source).inc(n)
    body["took_ms"] = round((perf_counter() - began_s) * 1000, 3)
    return answers.respond(body, outcome.step)


def _slot(request: Request) -> Slot:
    slot: Slot = request.app.state.slot
    return slot
