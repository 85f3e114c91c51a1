"""Builds answers as plain dicts, written by orjson; no model is built for them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Response

from recommndr.attribution import Attribution, digest, user_hash
from recommndr.features.shopper import ShopperRow
from recommndr.identity import TenantId
from recommndr_engine.bought_together import BOUGHT_TOGETHER, Companions
from recommndr_engine.columns.own import HABIT
from recommndr_engine.live_items import LiveItems
from recommndr_engine.ranked_list import RankedList
from recommndr_engine.retrievers import SPECS
from recommndr_engine.rule_effects import effects
from recommndr_engine.segments_now import REASON, SEGMENTS_NOW
from recommndr_serving import ladder
from recommndr_serving.http.requests import Explain, ItemField
from recommndr_serving.recommend import Outcome, Profile
from recommndr_serving.slot import Signer

# The reason of an item without a retriever.
_IN_STOCK = "In stock"
_CHOSEN = "Chosen by the shop"
_TOGETHER = "Often bought together"
N_IN_BUNDLE = 2  # beside what was asked for


def respond(body: dict[str, Any], step: ladder.Step | None = None) -> Response:
    """The answer; a header also names the ladder step, so that a proxy can count it."""
    headers = None if step is None else {ladder.HEADER: step}
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")


def reason(sources: Sequence[str]) -> str:
    """The reason of an item with these sources: that of the first source in the order of the retrievers.

    >>> reason(("popularity", "buy_again"))
    'You bought this before'
    """
    if BOUGHT_TOGETHER in sources:
        return _TOGETHER
    if SEGMENTS_NOW in sources:
        return REASON
    return next((spec.reason for spec in SPECS if spec.name in sources), _IN_STOCK)


def item_list(outcome: Outcome, live: LiveItems, fields: Sequence[ItemField], explain: Explain = False) -> list[dict[str, Any]]:
    """`items` of an answer."""
    items: list[dict[str, Any]] = [
        {
            "item_id": each.item_id,
            "score": each.score,
            "rank": rank,
            "sources": each.sources,
            "reason": _CHOSEN if each.pin is not None else reason(each.sources),
        }
        for rank, each in enumerate(outcome.recommendations, 1)
    ]
    if fields:
        for entry in items:
            item = live.get(entry["item_id"])
            entry |= {name: None if item is None else getattr(item, name) for name in fields}
    if outcome.ranked is not None and outcome.ranked.companions is not None and outcome.serving is not None:
        for place, entry in enumerate(items):
            entry["evidence"] = _evidence(outcome.ranked.companions, place, outcome.serving.pipeline.items.ids)
    if explain and outcome.ranked is not None:
        for place, entry in enumerate(items):
            entry["explanation"] = _explanation(outcome.ranked, place, explain)
    return items


def _evidence(found: Companions, place: int, ids: Sequence[str]) -> dict[str, Any]:
    return {
        "with_item_id": ids[found.beside[place]],
        "baskets": int(found.together[place]),
        "share": float(found.share[place]),
        "lift": float(found.lift[place]),
        "lift_interval": [float(found.lift_low[place]), float(found.lift_high[place])],
    }


def bundle(asked: Sequence[str], outcome: Outcome, live: LiveItems) -> dict[str, Any] | None:
    """The asked items with the first that are bought with them, and what all cost; None without evidence."""
    if outcome.ranked is None or outcome.ranked.companions is None:
        return None
    item_ids = [*dict.fromkeys(asked), *(each.item_id for each in outcome.recommendations[:N_IN_BUNDLE])]
    items = [live.get(item_id) for item_id in item_ids]
    prices = [item.price_minor for item in items if item is not None and item.price_minor is not None]
    currencies = {item.currency for item in items if item is not None}
    known = len(prices) == len(items) and len(currencies) == 1
    return {
        "item_ids": item_ids,
        "price_minor": sum(prices) if known else None,
        "currency": currencies.pop() if known else None,
    }


def _explanation(ranked: RankedList, place: int, explain: Explain) -> dict[str, Any]:
    found = _habit(ranked, place)
    if explain == "inputs":
        found |= _inputs(ranked, place)
    if ranked.place_by_score is not None:
        found["rank_by_score"] = int(ranked.place_by_score[place]) or None
    return found


def _habit(ranked: RankedList, place: int) -> dict[str, Any]:
    """How often this shopper ordered the item; empty if no ranker scored it."""
    known = {} if ranked.inputs is None else dict(zip(ranked.columns, ranked.inputs[place].tolist(), strict=True))
    orders, gap = (known.get(name, math.nan) for name in HABIT)
    return {"orders": None if math.isnan(orders) else round(orders), "days_between_orders": gap if math.isfinite(gap) else None}


def _inputs(ranked: RankedList, place: int) -> dict[str, dict[str, float]]:
    inputs = {} if ranked.inputs is None else dict(zip(ranked.columns, ranked.inputs[place].tolist(), strict=True))
    retriever_scores = {name: float(scores[place]) for name, scores in (ranked.retriever_scores or {}).items()}
    return {"inputs": inputs, "retrievers": retriever_scores}


def rule_effects(outcome: Outcome, live: LiveItems) -> list[dict[str, Any]]:
    """`rules` of an answer that explains itself: what each rule in force did to the list."""
    found = effects(outcome.rules, live, outcome.made, outcome.profile.used, outcome.at_s)
    return [
        {
            "rule_id": one.rule.rule_id,
            "kind": one.rule.rule.kind,
            "ranks": [place + 1 for place in one.places],
            "kept_out": one.kept_out,
        }
        for one in found
    ]


def provenance(outcome: Outcome) -> dict[str, Any]:
    """The bundle and the release arm that made the list."""
    release = outcome.release
    return {
        "method_used": outcome.method,
        "ladder": outcome.step,
        "model_version": None if outcome.serving is None else outcome.serving.placement.version,
        "experiment": {"name": None if release is None else release.release_id, "arm": outcome.arm},
    }


def user_profile(profile: Profile) -> dict[str, Any]:
    """The stored profile of the shopper, the values used, and which of them came from the request."""
    return {"stored": _known(profile.stored), "used": _known(profile.used), "overrides_applied": profile.overrides}


def _known(row: ShopperRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "n_events": row.n_events,
        "device": row.device or None,
        "os": row.os or None,
        "country": row.country or None,
        "region": row.region or None,
    }


@dataclass(frozen=True, slots=True)
class Issue:
    """What an attribution token is issued for."""

    user_id: str
    request_id: str
    list_name: str
    at_s: float


def attribution(signer: Signer, tenant: TenantId, issue: Issue, outcome: Outcome) -> str | None:
    """The token that attributes a click on this list to this answer."""
    return signer.token(
        Attribution(
            tenant=tenant,
            user_hash=user_hash(tenant, issue.user_id),
            request_id=issue.request_id,
            release="" if outcome.release is None else outcome.release.release_id,
            arm=outcome.arm,
            list_name=issue.list_name,
            issued_at_s=int(issue.at_s),
            items=digest(each.item_id for each in outcome.recommendations),
        )
    )
