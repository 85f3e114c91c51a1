"""The endpoints that answer lists. Routes translate; `recommend.py` and the pipeline decide."""

from collections import Counter
from functools import partial
from itertools import chain
from time import perf_counter
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from recommndr.caller import Caller
from recommndr_engine.rule_effects import moved
from recommndr_http.problem import refused_field
from recommndr_serving import ladder
from recommndr_serving.http import answers
from recommndr_serving.http.auth import caller_of, held, shopper_of, tenant_for
from recommndr_serving.http.openapi import (
    BATCH_ANSWER,
    BATCH_BODY,
    LIST_ANSWER,
    RECOMMEND_BODY,
    RECOMMENDATION,
    SIMILAR_ANSWER,
    TOGETHER_ANSWER,
)
from recommndr_serving.http.plain_route import PlainRoute
from recommndr_serving.http.readiness import check_catalogue_read, check_releases_tried, unknown_item
from recommndr_serving.http.requests import (
    PopularQuery,
    RecommendQuery,
    RecommendRequest,
    SimilarQuery,
    TogetherQuery,
    TrendingQuery,
    batch_request,
    recommend_request,
)
from recommndr_serving.http.shedding import refuse_unwanted
from recommndr_serving.live.served_record import served_record
from recommndr_serving.recommend import Asked, Outcome, Recommender, UnknownItem
from recommndr_serving.slot import Slot
from recommndr_serving.tenant_slot import TenantSlot

router = APIRouter(tags=["lists"], route_class=PlainRoute)


@router.post("/recommend", response_class=Response, responses=RECOMMENDATION, openapi_extra=RECOMMEND_BODY)
async def recommend(request: Request) -> Response:
    """The shopper's list; `ladder` says which parts were unavailable. Only a slot that has just started may answer 503."""
    caller = caller_of(request)
    return await _recommend(request, caller, recommend_request(await request.body()))


@router.post("/recommend/batch", response_class=Response, responses=BATCH_ANSWER, openapi_extra=BATCH_BODY)
async def recommend_batch(request: Request) -> Response:
    """The lists of one page in one call, as of one instant; no item is in two of them. Each is as `POST /recommend` has it."""
    caller, batch = caller_of(request), batch_request(await request.body())
    asked = batch.requests()
    tenant = tenant_for(request, caller, batch.user_id)
    for one in asked:
        _check_may_explain(caller, one)
    began_s, awaited = perf_counter(), _slot(request).awaited()
    check_releases_tried(tenant, awaited)
    outcomes = await _recommender(request).answer_each(tenant, asked, partial(refuse_unwanted, request))
    if not any(outcome.recommendations for outcome in outcomes):
        check_catalogue_read(awaited)
    lists = [_told(request, tenant, caller, one, outcome) for one, outcome in zip(asked, outcomes, strict=True)]
    took_ms = round((perf_counter() - began_s) * 1000, 3)
    return answers.respond({"lists": lists, "took_ms": took_ms}, ladder.lowest(outcome.step for outcome in outcomes))


@router.get("/recommend", response_class=Response, responses=RECOMMENDATION)
async def recommend_by_query(request: Request, query: Annotated[RecommendQuery, Query()]) -> Response:
    """The same as `POST /recommend`, as a query."""
    return await _recommend(request, caller_of(request), query.to_request())


@router.get("/similar_items", response_class=Response, responses=SIMILAR_ANSWER)
async def similar_items(request: Request, query: Annotated[SimilarQuery, Query()]) -> Response:
    """Items similar to one item; if the bundle does not have the item, best-sellers of its category."""
    caller = caller_of(request)
    return await _answer(request, held(request, caller), caller, query)


@router.get("/frequently_bought_together", response_class=Response, responses=TOGETHER_ANSWER)
async def frequently_bought_together(request: Request, query: Annotated[TogetherQuery, Query()]) -> Response:
    """What is in one basket with these items more often than chance lets expect, with the evidence; else similar items."""
    caller = caller_of(request)
    return await _answer(request, held(request, caller), caller, query)


@router.get("/popular", response_class=Response, responses=LIST_ANSWER)
async def popular(request: Request, query: Annotated[PopularQuery, Query()]) -> Response:
    """Best-sellers of now, within the filters; with a context, those of shoppers in the same place or with the same device."""
    caller = caller_of(request)
    return await _answer(request, held(request, caller), caller, query)


@router.get("/trending", response_class=Response, responses=LIST_ANSWER)
async def trending(request: Request, query: Annotated[TrendingQuery, Query()]) -> Response:
    """What rises: items with more events lately than their longer habit lets expect; best-sellers follow."""
    caller = caller_of(request)
    return await _answer(request, held(request, caller), caller, query)


async def _recommend(request: Request, caller: Caller, asked: RecommendRequest) -> Response:
    tenant = tenant_for(request, caller, asked.user_id)
    _check_may_explain(caller, asked)
    return await _answer(request, tenant, caller, asked)


def _check_may_explain(caller: Caller, asked: RecommendRequest) -> None:
    if caller.subject is not None and asked.explain == "inputs":
        raise refused_field("explain", "inputs", "true or false (a shopper's token may not read ranker inputs)", status=403)


async def _answer(request: Request, tenant: TenantSlot, caller: Caller, asked: Asked) -> Response:
    began_s = perf_counter()
    outcome = await _outcome(request, tenant, asked)
    body = _told(request, tenant, caller, asked, outcome)
    body["took_ms"] = round((perf_counter() - began_s) * 1000, 3)
    return answers.respond(body, outcome.step)


def _told(request: Request, tenant: TenantSlot, caller: Caller, asked: Asked, outcome: Outcome) -> dict[str, Any]:
    """The answer of one list, which is counted and logged."""
    slot, request_id = _slot(request), uuid4().hex
    shopper = asked.user_id if isinstance(asked, RecommendRequest) else shopper_of(request, caller)
    issue = None if shopper is None else answers.Issue(shopper, request_id, _list_name(request), outcome.at_s)
    explain = isinstance(asked, RecommendRequest) and asked.explain
    with slot.tracer.span("answer", step=outcome.step, items=len(outcome.recommendations)):
        body: dict[str, Any] = {
            "request_id": request_id,
            "items": answers.item_list(outcome, tenant.items, asked.fields, explain),
            **answers.provenance(outcome),
            "attribution": None if issue is None else answers.attribution(slot.signer, tenant.tenant, issue, outcome),
        }
        if isinstance(asked, TogetherQuery):
            body["bundle"] = answers.bundle(asked.item_id, outcome, tenant.items)
        if isinstance(asked, RecommendRequest):
            body["user_profile"] = answers.user_profile(outcome.profile)
        if explain and not outcome.rules.is_empty:
            body["rules"] = answers.rule_effects(outcome, tenant.items)
    if issue is not None:
        with slot.tracer.span("log"):
            slot.served.note(tenant.tenant, issue.user_id, served_record(issue, asked, outcome))
    slot.metrics.answers.labels(request.scope["path"], tenant.tenant, outcome.step).inc()
    for source, n in Counter(chain.from_iterable(each.sources for each in outcome.recommendations)).items():
        slot.metrics.places.labels(tenant.tenant, source).inc(n)
    if not outcome.rules.is_empty:
        for kind, n in moved(outcome.rules, tenant.items, outcome.made).items():
            slot.metrics.rule_places.labels(tenant.tenant, kind).inc(n)
    return body


async def _outcome(request: Request, tenant: TenantSlot, asked: Asked) -> Outcome:
    awaited = _slot(request).awaited()
    check_releases_tried(tenant, awaited)
    try:
        outcome = await _recommender(request).answer(tenant, asked, partial(refuse_unwanted, request))
    except UnknownItem as unknown:
        raise unknown_item(str(unknown), awaited) from None
    if not outcome.recommendations:
        check_catalogue_read(awaited)
    return outcome


def _list_name(request: Request) -> str:
    """The list's name in attribution tokens, in `served.v1` and in outcomes: the first part of its endpoint's path."""
    return str(request.scope["path"]).split("/")[1]


def _recommender(request: Request) -> Recommender:
    recommender: Recommender = request.app.state.recommender
    return recommender


def _slot(request: Request) -> Slot:
    slot: Slot = request.app.state.slot
    return slot
