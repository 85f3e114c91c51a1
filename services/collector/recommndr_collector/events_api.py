"""`POST /events`: one event or a list of them."""

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommndr.caller import Caller
from recommndr.edge import MAX_EVENT_BYTES
from recommndr.tenancy import Tenants
from recommndr_collector import accept
from recommndr_collector.accept import Acceptance
from recommndr_collector.event_log import Record
from recommndr_collector.gate import Gate, GateDependency
from recommndr_collector.openapi import EVENTS_ANSWER, EVENTS_BODY, EVENTS_SECURITY
from recommndr_collector.problems import Problem
from recommndr_collector.request import EventsCaller, body

router = APIRouter(tags=["events"])

_OUTCOMES = {202: "accepted", 503: "unknown"}


@dataclass(slots=True)
class _Member:
    """One event of a request on its way."""

    event_id: str | None
    record: Record | None = None
    problem: Problem | None = None

    @property
    def status(self) -> int:
        return self.problem.status if self.problem else 202

    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = {"event_id": self.event_id, "status": self.status}
        if self.problem:
            result["problem"] = self.problem.body()
        return result


@router.post(
    "/events",
    status_code=202,
    summary="What shoppers did: one event or a list of 1-500",
    response_class=Response,
    responses=EVENTS_ANSWER,
    openapi_extra=EVENTS_BODY | EVENTS_SECURITY,
)
async def post_events(request: Request, caller: EventsCaller, gate: GateDependency) -> Response:
    """Answers 202 only when the broker has acknowledged."""
    payload = await body(request, MAX_EVENT_BYTES)
    acceptance = _acceptance(gate, caller, request.app.state.tenants)
    if accept.is_batch(payload):
        members = [_batch_member(acceptance, raw) for raw in accept.batch(payload)]
        await _write(gate, caller.tenant, members)
        return _batch_answer(members)
    member = _single_member(acceptance, payload)
    await _write(gate, caller.tenant, [member])
    if member.problem:
        raise member.problem
    return _json({"event_id": member.event_id, "status": 202}, 202)


def _acceptance(gate: Gate, caller: Caller, tenants: Tenants) -> Acceptance:
    return Acceptance(
        caller.tenant,
        tenants.tenants[caller.tenant].kinds,
        gate.now(),
        gate.attribution_keys,
        lambda kind: gate.metrics.attributed.labels(caller.tenant, kind).inc(),
        lambda reason: gate.metrics.attribution_dropped.labels(reason).inc(),
        caller.subject,
    )


def _batch_member(acceptance: Acceptance, raw: object) -> _Member:
    try:
        return _Member(*acceptance.event(accept.member_payload(raw)))
    except Problem as problem:
        return _Member(accept.claimed_id(raw), problem=problem)


def _single_member(acceptance: Acceptance, payload: bytes) -> _Member:
    try:
        return _Member(*acceptance.event(payload))
    except Problem as problem:
        return _Member(None, problem=problem)


async def _write(gate: Gate, tenant: str, members: list[_Member]) -> None:
    sent = [member for member in members if member.record is not None]
    problems = await gate.write([member.record for member in sent if member.record is not None])
    for member, problem in zip(sent, problems, strict=True):
        member.problem = problem
    for member in members:
        gate.metrics.events.labels(tenant, _OUTCOMES.get(member.status, "invalid")).inc()


def _batch_answer(members: list[_Member]) -> Response:
    retry = {"Retry-After": "1"} if any(member.status == 503 for member in members) else {}
    return _json({"results": [member.result() for member in members]}, 207, retry)


def _json(content: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, "application/json")
