"""Events of shoppers with lists: small alphabets, so that lists, items and instants collide."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from recommndr import events
from recommndr.attribution import Attribution, digest, sign, user_hash
from recommndr.events import Event

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ITEMS = ("i0", "i1", "i2", "ü")
TENANT = "grocer"
DAY_S = 86_400.0


def token(user: str = "u1", request: str = "r0", listed: tuple[str, ...] | None = ITEMS[:3], **changes: Any) -> str:
    told: dict[str, Any] = {
        "release": "v1",
        "arm": "stable",
        "list_name": "recommend",
        "issued_at_s": int(NOON.timestamp()) - 3_600,
    } | changes
    items = None if listed is None else digest(listed)
    given = Attribution(TENANT, user_hash(TENANT, user), request, items=items, **told)
    return sign(given, "k1", b"k" * 32)


def event(
    number: int, kind: str = "click", items: tuple[str, ...] = ("i0",), user: str = "u1", minutes_ago: float = 5, **more: Any
) -> Event:
    """An event that the collector received at noon; `price` and `sender` are apart."""
    price, sender = more.pop("price", None), more.pop("sender", "server")
    lines = [{"item_id": item} | ({} if price is None else {"price_minor": price, "currency": "EUR"}) for item in items]
    client = events.CLIENT_EVENT.validate_python(
        {
            "kind": kind,
            "event_id": str(UUID(int=number)),
            "user_id": user,
            "occurred_at": NOON - timedelta(minutes=minutes_ago),
            "lines": lines,
        }
        | more
    )
    return events.stamp(client, TENANT, NOON, sender)


def login(number: int, user: str, guest: str, minutes_ago: float = 5) -> Event:
    """The guest became this shopper."""
    told = {"kind": "identify", "event_id": str(UUID(int=number)), "user_id": user, "guest_id": guest}
    client = events.CLIENT_EVENT.validate_python(told | {"occurred_at": NOON - timedelta(minutes=minutes_ago)})
    return events.stamp(client, TENANT, NOON)


REQUESTS: dict[str, dict[str, Any]] = {
    f"r{n}": {"release": f"v{n % 2}", "arm": ("stable", "challenger")[n % 2], "list_name": ("recommend", "popular")[n // 3]}
    | {"issued_at_s": int(NOON.timestamp()) - 40_000 * n}
    for n in range(5)
}


@st.composite
def histories(draw: st.DrawFn, users: tuple[str, ...] = ("u1",), max_size: int = 25) -> list[Event]:
    """Distinct events within a day and a half, within the bounds of a shopper's state."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["impression", "click", "add_to_cart", "purchase", "like", "dislike", "view"]),
                st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3).map(tuple),
                st.sampled_from(users),
                st.sampled_from([0, 5, 10, 20, 600, 1500, 2_000]) | st.integers(0, 2_100),
                st.sampled_from([*REQUESTS, None]),
                st.sampled_from([None, 0, 250, 999]),
                st.sampled_from(["server", "server", "browser"]),
            ),
            max_size=max_size,
        )
    )
    return [
        event(
            number, kind, items, user, minutes_ago, price=price, sender=sender,
            attribution=None if request is None else token(user, request, **REQUESTS[request]),
        )
        for number, (kind, items, user, minutes_ago, request, price, sender) in enumerate(rows, 1)
    ]  # fmt: skip
