"""`POST /events`: one event or a list of them."""

from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from recommndr.caller import Caller
from recommndr.edge import MAX_BROWSER_BYTES, MAX_EVENT_BYTES
from recommndr.events import ClientEvent, Doubt
from recommndr.identity import ItemId, entity_key
from recommndr.tenancy import Tenants
from recommndr_background.traces import TRACEPARENT, Span
from recommndr_collector.acceptance import Acceptance, batch, claimed_id, is_batch
from recommndr_collector.event_log import Record
from recommndr_collector.gate import Gate, gate_of
from recommndr_collector.openapi import EVENTS_ANSWER, EVENTS_BODY, EVENTS_SECURITY
from recommndr_collector.request import Credential
from recommndr_collector.turns import split
from recommndr_http.body import read_body
from recommndr_http.json_shape import Member, measure
from recommndr_http.problem import Problem, refused_field


class _Direct(APIRoute):
    """A route whose endpoint takes the request and reads everything from it.

    FastAPI's way to an endpoint, through dependencies, takes a seventh of the CPU of an event that comes alone.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself."""
        return self.endpoint


router = APIRouter(tags=["events"], route_class=_Direct)

_CREDENTIAL = Credential(("events",), shoppers=True)
_OUTCOMES = {202: "accepted", 429: "over_budget", 503: "unknown"}


@dataclass(slots=True)
class _Member:
    """One event of a request that is being written."""

    event_id: str | None
    record: Record | None = None
    problem: Problem | None = None

    @property
    def status(self) -> int:
        return self.problem.status if self.problem else 202

    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = {"event_id": self.event_id, "status": self.status}
        if self.problem:
            result["problem"] = self.problem.to_dict()
        return result


@router.post(
    "/events",
    status_code=202,
    summary="Send one event or a list of 1-500",
    response_class=Response,
    responses=EVENTS_ANSWER,
    openapi_extra=EVENTS_BODY | EVENTS_SECURITY,
)
async def post_events(request: Request) -> Response:
    """Answers 202 after Kafka has acknowledged. In a list, an invalid event is refused alone."""
    tracer = gate_of(request).tracer
    with tracer.received("POST /events", request.headers.get(TRACEPARENT) if tracer.is_on else None) as span:
        answer = await _taken(request, span)
        span.note(status=answer.status_code)
        return answer


async def _taken(request: Request, span: Span) -> Response:
    caller, gate = await _CREDENTIAL(request), gate_of(request)
    span.note(tenant=caller.tenant)
    payload = await read_body(request, MAX_EVENT_BYTES if caller.subject is None else MAX_BROWSER_BYTES)
    sender = _Sender(gate, caller, request.app.state.tenants)
    if is_batch(payload):
        members = await gate.turns.each(sender.member, await split(batch, payload))
        await _write(gate, caller.tenant, members)
        return _batch_answer(members)
    member = sender.member(Member(payload, measure(payload)))
    await _write(gate, caller.tenant, [member])
    if member.problem:
        raise member.problem
    return _json({"event_id": member.event_id, "status": 202}, 202)


class _Sender:
    """The sender of a request's events, with its remaining budget."""

    def __init__(self, gate: Gate, caller: Caller, tenants: Tenants) -> None:
        self._gate, self._tenant, self._policy = gate, caller.tenant, tenants.tenants[caller.tenant]
        self._acceptance = Acceptance(
            caller.tenant,
            self._policy,
            gate.now(),
            gate.attribution_keys(),
            lambda kind: gate.metrics.attributed.labels(caller.tenant, kind).inc(),
            lambda reason: gate.metrics.attribution_dropped.labels(reason).inc(),
            self._doubt,
            caller.subject,
        )

    def member(self, sent: Member) -> _Member:
        """One event, accepted or refused."""
        try:
            event_id, record, item_ids = self._acceptance.event(sent)
            self._check_items(item_ids)
            self._spend(len(item_ids))
        except Problem as problem:
            # A list keeps 500 of them: with frames and pydantic's errors, one garbage collection holds the loop for 100 ms.
            problem.__traceback__ = problem.__context__ = None
            return _Member(claimed_id(sent.payload), problem=problem)
        return _Member(event_id, record)

    def _doubt(self, event: ClientEvent, at_s: float) -> Doubt | None:
        items = [line.item_id for line in event.lines]
        doubt = self._gate.doubts.of((self._tenant, event.user_id), event.kind, items, at_s, self._policy)
        if doubt is not None:
            self._gate.metrics.doubted.labels(self._tenant, doubt).inc()
        return doubt

    def _check_items(self, item_ids: Sequence[ItemId]) -> None:
        """Refuse an event whose items have been invented, as far as one can tell."""
        keys = (entity_key(self._tenant, item_id) for item_id in item_ids)
        most = self._policy.max_unknown_items
        place = self._gate.unknown_items.refused(self._tenant, keys, most, self._gate.catalogue.knows)
        if place is not None:
            expected = f"an item of the catalogue: events have named {most} others already, the shop's max_unknown_items"
            raise refused_field(f"lines.{place}.item_id", item_ids[place], f"{expected}; send its items (PUT /items) first")

    def _spend(self, n_lines: int) -> None:
        gate, policy, shopper = self._gate, self._policy, self._acceptance.subject
        now_s = self._acceptance.received_at.timestamp()
        if shopper is not None:
            per_minute = policy.max_shopper_events_per_min
            wait_s = gate.budget.take(self._tenant, shopper, per_minute, now_s)
            _refuse_until(wait_s, f"one shopper's browser may send {per_minute} events a minute")
        limits = gate.credentials.tenants().tenants[self._tenant]  # the current limits
        per_s = limits.max_events_per_s
        _refuse_until(gate.events_quota.take(self._tenant, 1, per_s, now_s), f"max_events_per_s of the shop is {per_s}")
        per_s = limits.max_lines_per_s
        _refuse_until(gate.lines_quota.take(self._tenant, n_lines, per_s, now_s), f"max_lines_per_s of the shop is {per_s}")


def _refuse_until(wait_s: float, rule: str) -> None:
    if wait_s:
        detail = f"{rule}: send this again in {ceil(wait_s)} s"
        raise Problem(429, detail, headers={"Retry-After": str(ceil(wait_s))})


async def _write(gate: Gate, tenant: str, members: list[_Member]) -> None:
    sent = [member for member in members if member.record is not None]
    problems = await gate.write([member.record for member in sent if member.record is not None])
    for member, problem in zip(sent, problems, strict=True):
        member.problem = problem
    for outcome, n in Counter(_OUTCOMES.get(member.status, "invalid") for member in members).items():
        gate.metrics.events.labels(tenant, outcome).inc(n)


def _batch_answer(members: list[_Member]) -> Response:
    waits = [int(member.problem.headers.get("Retry-After", 0)) for member in members if member.problem]
    retry = {"Retry-After": str(max(waits))} if any(waits) else {}
    return _json({"results": [member.result() for member in members]}, 207, retry)


def _json(content: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, "application/json")
