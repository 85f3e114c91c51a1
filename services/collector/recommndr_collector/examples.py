"""Requests and answers of a small grocer, for the OpenAPI document."""

from typing import Any

from recommndr_http.problem import refused_field

_EVENT_ID = "0b0f3c1e-7a54-4d0e-9d5b-2f4f6f1a8c11"
_AT = "2026-03-01T12:00:00Z"

_PURCHASE: dict[str, Any] = {
    "event_id": _EVENT_ID,
    "kind": "purchase",
    "user_id": "u42",
    "occurred_at": _AT,
    "lines": [{"item_id": "milk", "quantity": 2, "price_minor": 129, "currency": "EUR"}],
}
_CLICK: dict[str, Any] = {
    "event_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "kind": "click",
    "user_id": "u42",
    "occurred_at": _AT,
    "lines": [{"item_id": "bread", "position": 1}],
    "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
}
_LOGIN: dict[str, Any] = {
    "event_id": "9b2d6f0e-3c55-4e0c-8a87-6d4f6d1c5a20",
    "kind": "identify",
    "user_id": "u42",
    "guest_id": "guest-9",
    "occurred_at": _AT,
}
_ITEM: dict[str, Any] = {
    "item_id": "milk",
    "title": "Whole milk, 1 l",
    "category_path": ["Dairy", "Milk"],
    "brand": "Meadow",
    "price_minor": 129,
    "currency": "EUR",
}

# Request bodies, by what they show.
EVENTS_BODIES: dict[str, Any] = {
    "a purchase": _PURCHASE,
    "a click on a place of a list": _CLICK,
    "a guest logs in": _LOGIN,
    "a list": [_PURCHASE, _CLICK],
}
ITEMS_BODIES = {"one item": [_ITEM]}
AVAILABILITY_BODIES = {"out of stock": {"available": False}}
TOKEN_BODIES = {"one shopper": {"user_id": "u42"}}

EVENT_ACCEPTED = {"event_id": _EVENT_ID, "status": 202}
EVENT_OUTCOMES = {"results": [EVENT_ACCEPTED]}
ITEMS_ACCEPTED = {"accepted": 1, "status": 202}
TOKEN = {"token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIifQ.c2ln", "expires_at": "2026-03-01T12:15:00+00:00", "expires_in_s": 900}

# Problems.
WRONG_FIELD = refused_field("lines.0.quantity", 0, "greater than or equal to 1").to_dict()
