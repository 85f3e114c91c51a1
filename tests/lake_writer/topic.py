"""Records of the events topic, in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from recommndr import topics
from recommndr.events import CLIENT_EVENT, encode, stamp
from recommndr_tail.record import TopicRecord

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOPIC = topics.EVENTS.name


def event_bytes(n: int = 1, tenant: str = "grocer", received_s: float = 0.0, **changes: Any) -> bytes:
    """Event `n`, which occurred n seconds after noon."""
    received_at = NOW + timedelta(days=1, seconds=received_s)
    stated = {
        "event_id": UUID(int=n),
        "kind": "purchase",
        "user_id": f"u{n % 7}",
        "occurred_at": NOW + timedelta(seconds=n),
        "lines": ({"item_id": f"i{n}", "price_minor": 199, "currency": "EUR"}, {"item_id": "bread", "quantity": 2}),
    }
    return encode(stamp(CLIENT_EVENT.validate_python(stated | changes), tenant, received_at))


def records(values: list[bytes | None], partitions: int = 2) -> list[TopicRecord]:
    """The values spread over partitions in turn."""
    return [
        TopicRecord(TOPIC, place % partitions, place // partitions, b"grocer|u", value, NOW.timestamp())
        for place, value in enumerate(values)
    ]
