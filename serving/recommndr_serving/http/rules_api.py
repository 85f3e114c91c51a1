"""`/rules`: the shop's business rules. Changes need a server key that may write the catalogue, and are audited."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Request, Response

from recommndr.business_rules import Pin, Rule, RuleId, SetRule, TooManyRules
from recommndr.release import StaleRecord
from recommndr_engine.live_items import LiveItems
from recommndr_http.problem import Problem, refused_field
from recommndr_serving.http.answers import respond
from recommndr_serving.http.auth import held, server_of, tenant_of_server
from recommndr_serving.http.openapi import RULE_ANSWER, RULE_BODY, RULE_REMOVED, RULES_ANSWER, SERVER_ONLY
from recommndr_serving.http.requests import rule_body
from recommndr_serving.rules.changes import NoSuchRule, RuleChanges
from recommndr_serving.slot import Slot

router = APIRouter(prefix="/rules", tags=["business rules"])
Named = Annotated[RuleId, Path()]
Done = TypeVar("Done")


@router.get("", summary="The shop's business rules", response_class=Response, responses=RULES_ANSWER, openapi_extra=SERVER_ONLY)
async def list_rules(request: Request) -> Response:
    """All rules by id, with those that are over or not yet in force. Another slot may be a second behind."""
    slot, tenant = _slot(request), tenant_of_server(request)
    now_s, book = slot.now().timestamp(), tenant.rules.book
    rules = [_told(one, tenant.items, now_s) for one in book.rules]
    return respond({"record_version": book.record_version, "rules": rules})


@router.put(
    "/{rule_id}",
    summary="Set a business rule, or replace the one of this id",
    response_class=Response,
    responses=RULE_ANSWER,
    openapi_extra=RULE_BODY | SERVER_ONLY,
)
async def set_rule(request: Request, rule_id: Named) -> Response:
    """All slots follow within seconds. `warnings` names what the catalogue does not have yet; the rule holds once it does.

    Needs a server key with the scope catalogue.
    """
    caller = server_of(request, ("catalogue",))
    slot, tenant, rule = _slot(request), held(request, caller), rule_body(await request.body())
    try:
        found = await _done(slot, lambda changes: changes.set(tenant, rule_id, rule, caller.key_id or ""))
    except TooManyRules as cause:
        raise refused_field("rule_id", rule_id, str(cause).partition("expected ")[2]) from None
    return respond(_told(found, tenant.items, slot.now().timestamp()))


@router.delete(
    "/{rule_id}",
    summary="Remove a business rule",
    response_class=Response,
    responses=RULE_REMOVED,
    openapi_extra=SERVER_ONLY,
)
async def remove_rule(request: Request, rule_id: Named) -> Response:
    """All slots follow within seconds. Needs a server key with the scope catalogue."""
    caller = server_of(request, ("catalogue",))
    tenant = held(request, caller)
    try:
        await _done(_slot(request), lambda changes: changes.remove(tenant, rule_id, caller.key_id or ""))
    except NoSuchRule:
        raise refused_field("rule_id", rule_id, "the id of a rule of this shop; GET /rules lists them", status=404) from None
    return respond({"rule_id": rule_id, "status": "removed"})


async def _done(slot: Slot, change: Callable[[RuleChanges], Done]) -> Done:
    try:
        return await asyncio.to_thread(change, slot.rules)
    except TooManyRules:
        raise
    except (StaleRecord, OSError, ValueError) as cause:
        detail = f"the rules were not changed ({type(cause).__name__}): send the same request again"
        raise Problem(503, detail, headers={"retry-after": "1"}) from cause


def _told(one: SetRule, live: LiveItems, now_s: float) -> dict[str, Any]:
    said = one.model_dump(mode="json", exclude_none=True)
    return {**said, "in_force": one.holds_at(now_s), "warnings": _warnings(one.rule, live)}


def _warnings(rule: Rule, live: LiveItems) -> list[str]:
    """What the rule names and the catalogue does not have."""
    target = None if isinstance(rule, Pin) else rule.target
    items = (rule.item_id,) if isinstance(rule, Pin) else () if target is None else target.items
    category = rule.category if isinstance(rule, Pin) else () if target is None else target.category
    brand = None if target is None else target.brand
    unknown = [f"item {item_id!r}" for item_id in items if live.get(item_id) is None]
    if category and live.category_codes.find(category) is None:
        unknown.append(f"category {' > '.join(category)!r}")
    if brand is not None and live.brand_codes.find(brand) is None:
        unknown.append(f"brand {brand!r}")
    return [f"{what}: not in the catalogue; the rule holds for it once it is" for what in unknown]


def _slot(request: Request) -> Slot:
    slot: Slot = request.app.state.slot
    return slot
