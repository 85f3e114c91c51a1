"""Requests and answers of a small grocer, for the OpenAPI document."""

from typing import Any

from recommndr.topics import EVENTS
from recommndr_http.problem import refused_field

_ATTRIBUTION = "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w"

_MILK: dict[str, Any] = {
    "item_id": "milk",
    "score": 0.412,
    "rank": 1,
    "sources": ["buy_again", "als"],
    "reason": "You bought this before",
    "title": "Whole milk, 1 l",
    "price_minor": 129,
}
_BREAD: dict[str, Any] = {
    "item_id": "bread",
    "score": 0.236,
    "rank": 2,
    "sources": ["basket"],
    "reason": "Often bought together",
    "title": "Rye bread",
    "price_minor": 349,
}
_MADE: dict[str, Any] = {
    "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
    "items": [_MILK, _BREAD],
    "method_used": "ranker",
    "ladder": "full",
    "model_version": "20260301T120000-3f9a",
    "experiment": {"name": "grocer-v7", "arm": "stable"},
    "attribution": _ATTRIBUTION,
}
_KNOWN = {"n_events": 41, "device": "phone", "os": "ios", "country": "DE", "region": "DE-BE"}
_PROFILE = {"stored": _KNOWN, "used": _KNOWN | {"device": "desktop"}, "overrides_applied": ["device"]}

LIST = _MADE | {"method_used": "similar_blend", "took_ms": 1.9}
RECOMMENDATION = _MADE | {"user_profile": _PROFILE, "took_ms": 6.2}
BATCH = {"lists": [_MADE | {"user_profile": _PROFILE}, _MADE | {"items": [], "user_profile": _PROFILE}], "took_ms": 9.8}
TOGETHER = LIST | {
    "method_used": "bought_together",
    "items": [
        _BREAD
        | {
            "rank": 1,
            "evidence": {"with_item_id": "milk", "baskets": 214, "share": 0.19, "lift": 2.4, "lift_interval": [2.1, 2.8]},
        }
    ],
    "bundle": {"item_ids": ["milk", "bread"], "price_minor": 478, "currency": "EUR"},
}

ITEM: dict[str, Any] = {
    "item_id": "milk",
    "title": "Whole milk, 1 l",
    "category_path": ["Dairy", "Milk"],
    "brand": "Meadow",
    "price_minor": 129,
    "currency": "EUR",
    "image_url": "https://shop.example/milk.webp",
    "tags": ["organic"],
    "available": True,
}
PAGE = {"items": [ITEM], "next_cursor": "bWlsaw"}
FOUND: dict[str, Any] = {
    "items": [ITEM],
    "total": 14,
    "matched": "all",
    "next_cursor": "MXxtaWxr",
    "facets": {
        "categories": [{"category": ["Dairy"], "n_items": 11}, {"category": ["Baby"], "n_items": 3}],
        "brands": [{"brand": "Meadow", "n_items": 6}, {"brand": "Alm", "n_items": 5}],
        "prices": [{"price_min": 120, "price_max": 199, "n_items": 7}],
    },
}

SHOPPER: dict[str, Any] = {
    "user_id": "u42",
    "profile": {
        "n_events": 2,
        "counters": [
            {
                "kind": "purchase",
                "newest_at": "2026-03-01T12:00:00+00:00",
                "sums": {"1h": 1.0, "1d": 1.13, "7d": 1.74, "30d": 1.93, "120d": 1.98},
            }
        ],
        "recent": [{"item_id": "milk", "kind": "purchase", "at": "2026-03-01T12:00:00+00:00"}],
        "purchased": [
            {
                "item_id": "milk",
                "n_orders": 2,
                "first_at": "2026-02-26T12:00:00+00:00",
                "last_at": "2026-03-01T12:00:00+00:00",
            }
        ],
        "n_owned": 1,
        "n_seen": 0,
        "context": {"device": "phone", "os": "ios", "country": "DE", "region": "DE-BE"},
    },
    "guests": [],
    "kept": [{"place": EVENTS.name, "holds": "every event", "until": "72 h after it was written"}],
}

VERSION: dict[str, Any] = {
    "slot": "blue",
    "tenant": "grocer",
    "version": "20260301T120000-3f9a",
    "model_version": 7,
    "since": "2026-03-01T12:05:00+00:00",
    "arm": "stable",
    "release": {"id": "grocer-v7", "phase": "STEADY", "weights": {"blue": 10_000, "green": 0}},
    "trained": {
        "since": "2025-03-01T08:00:00+00:00",
        "until": "2026-03-01T12:00:00+00:00",
        "n_lines": 512345,
        "n_items": 8765,
    },
    "metrics": {"ndcg_at_10": 0.335},
}

_BLOCK = {"kind": "block", "reason": "recalled", "target": {"items": ["soft-cheese"]}, "start": "2026-03-01T06:00:00Z"}
_PIN = {"kind": "pin", "reason": "Easter", "item_id": "easter-eggs", "place": 1, "end": "2026-04-06T00:00:00Z"}
_SET = {"set_by": "3f9a2b1c", "set_at": "2026-03-01T05:58:12Z", "in_force": True}
_MISSING = ["item 'easter-eggs': not in the catalogue; the rule holds for it once it is"]

RULE = {"rule_id": "easter", "rule": _PIN, **_SET, "warnings": _MISSING}
RULES = {"record_version": 2, "rules": [RULE, {"rule_id": "recall-7", "rule": _BLOCK, **_SET, "warnings": []}]}
REMOVED_RULE = {"rule_id": "easter", "status": "removed"}

# Request bodies, by what they show.
RULE_BODIES = {
    "an item at the first place": _PIN,
    "a recalled item in no list": _BLOCK,
    "an own brand nearer to the top": {"kind": "boost", "reason": "margin", "target": {"brand": "Meadow"}, "factor": 2},
    "a category further down": {"kind": "bury", "reason": "low stock", "target": {"category": ["Dairy", "Milk"]}, "factor": 3},
    "two places of a list for each brand": {"kind": "cap", "reason": "variety", "per": "brand", "at_most": 2},
    "nothing twice within a month": {"kind": "not_again", "reason": "complaints", "days": 30},
}
RECOMMEND_BODIES = {
    "five items for a shopper": {"user_id": "u42", "k": 5, "fields": ["title", "price_minor"]},
    "something new, beside the cart": {"user_id": "u42", "scope": "discover", "cart": ["milk"], "max_per_category": 2},
    "a stranger's visit": {"user_id": "guest-9", "viewed": ["bread"], "context": {"device": "phone", "country": "DE"}},
}
BATCH_BODIES = {
    "two rails of one page": {"user_id": "u42", "lists": [{"k": 5}, {"k": 5, "scope": "discover"}]},
}

# Problems.
WRONG_FIELD = refused_field("k", 101, "less than or equal to 100").to_dict()
