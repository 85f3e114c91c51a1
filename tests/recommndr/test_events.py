"""The event vocabulary: what storefronts may send, and how the collector stamps it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from recommndr.events import (
    CLIENT_EVENT,
    DEFAULT_WEIGHTS,
    FIRST_OWN_CODE,
    INTERACTION_KINDS,
    KINDS,
    MAX_OWN_KINDS,
    N_KIND_SLOTS,
    ClientEvent,
    ClientInteraction,
    decode,
    encode,
    is_claimed,
    stamp,
)
from recommndr.features.action import Action

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT_ID = "7b0f7a52-21d7-4d21-a0a5-9c1a8f1a6c01"


def click(**changes: Any) -> dict[str, Any]:
    body = {
        "event_id": EVENT_ID,
        "user_id": "u1",
        "kind": "click",
        "occurred_at": "2026-03-01T12:00:00Z",
        "lines": [{"item_id": "i1"}],
    }
    return body | changes


ids = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=32)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))
bodies = st.one_of(
    st.builds(
        lambda user, kind, item, quantity: click(user_id=user, kind=kind, lines=[{"item_id": item, "quantity": quantity}]),
        ids,
        st.sampled_from([*INTERACTION_KINDS, "apply", "k9_"]),
        ids,
        st.integers(1, 99),
    ),
    st.builds(
        lambda user, query: click(user_id=user, kind="search", query=query, lines=[]),
        ids,
        st.text(st.characters(exclude_categories=("Cs",)), max_size=50),
    ),
    st.builds(lambda user, guest: click(user_id=user, kind="identify", guest_id=guest, lines=[]), ids, ids),
)


@given(bodies)
def test_every_event_survives_kafka(body: dict[str, Any]) -> None:
    event = stamp(CLIENT_EVENT.validate_python(body), "grocer", NOW)
    assert decode(encode(event)) == event


@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 3, 1)), zones)
def test_any_zone_comes_in_and_utc_is_kept(local: datetime, offset: timedelta) -> None:
    sign = "-" if offset < timedelta(0) else "+"
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    event = CLIENT_EVENT.validate_python(click(occurred_at=f"{local.isoformat()}{sign}{hours:02}:{minutes:02}"))
    assert event.occurred_at == (local - offset).replace(tzinfo=UTC)


def parsed(**changes: Any) -> ClientEvent:
    return CLIENT_EVENT.validate_python(click(**changes))


def test_the_event_time_is_the_earlier_of_both_clocks() -> None:
    slow = stamp(parsed(occurred_at="2026-03-01T11:00:00Z"), "grocer", NOW)
    fast = stamp(parsed(occurred_at="2026-03-01T12:04:00Z"), "grocer", NOW)
    assert slow.event_at == NOW - timedelta(hours=1)
    assert fast.event_at == NOW


def test_a_clock_far_ahead_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"occurred_at 2026-03-01T12:06:00.* expected at most 300 s"):
        stamp(parsed(occurred_at="2026-03-01T12:06:00Z"), "grocer", NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_id": ""}, "user_id"),
        ({"user_id": "a\x00b"}, "user_id"),
        ({"user_id": "ü" * 65}, "user_id"),
        ({"user_id": 7}, "user_id"),
        ({"event_id": "no uuid"}, "event_id"),
        ({"occurred_at": "2026-03-01T12:00:00"}, "occurred_at"),
        ({"kind": "Stare"}, "kind"),
        ({"kind": "9_lives"}, "kind"),
        ({"kind": "a" * 33}, "kind"),
        ({"kind": ""}, "kind"),
        ({"lines": []}, "lines"),
        ({"lines": [{"item_id": "i1", "quantity": 0}]}, "quantity"),
        ({"lines": [{"item_id": "i1", "price_minor": -1}]}, "price_minor"),
        ({"lines": [{"item_id": "i1", "currency": "euro"}]}, "currency"),
        ({"context": {"country": "Germany"}}, "country"),
        ({"tenant": "other"}, "tenant"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_a_bad_field_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parsed(**changes)
    assert field in str(refused.value.errors()[0]["loc"])


def test_readers_ignore_fields_they_do_not_know() -> None:
    payload = encode(stamp(parsed(context={"country": "DE"}), "grocer", NOW)).replace(b'{"', b'{"invented":1,"')
    assert payload.count(b"invented") == 3  # in the event, its context and its line
    assert decode(payload).event_id == UUID(EVENT_ID)


def test_an_event_without_a_sender_is_the_shops_own() -> None:
    payload = encode(stamp(parsed(), "grocer", NOW)).replace(b',"sender":"server"', b"")
    assert b"sender" not in payload
    assert decode(payload).sender == "server"


def test_who_sent_an_event_reaches_the_folds() -> None:
    event = decode(encode(stamp(parsed(kind="purchase"), "grocer", NOW, "browser")))
    action = Action.from_event(event)
    assert action is not None
    assert action.sender == "browser"
    assert is_claimed(event.kind, action.sender)


def test_events_too_late_are_not_folded_live_and_a_login_is_never_too_late() -> None:
    assert Action.from_event(stamp(parsed(), "grocer", NOW)) is not None
    assert Action.from_event(stamp(parsed(), "grocer", NOW + timedelta(hours=24, seconds=1))) is None
    for received_at in (NOW, NOW + timedelta(days=9)):
        login = Action.from_event(stamp(parsed(kind="identify", guest_id="g", lines=[]), "grocer", received_at))
        assert login is not None and (login.guest_id, login.item_ids) == ("g", ())


@pytest.mark.parametrize("kind", ["search", "identify"])
def test_a_kind_with_fields_of_its_own_is_no_interaction(kind: str) -> None:
    with pytest.raises(ValidationError, match="fields of its own"):
        ClientInteraction.model_validate(click(kind=kind))


def test_a_kind_of_the_tenants_own_is_folded_under_its_place_and_any_other_raises() -> None:
    event = stamp(parsed(kind="apply", context={"region": "DE-BY"}), "grocer", NOW)
    action = Action.from_event(event, ("interest", "apply"))
    assert action is not None
    assert (action.kind, action.region) == (FIRST_OWN_CODE + 1, "DE-BY")
    with pytest.raises(ValueError, match=r"kind 'apply': expected one of \['view'.*'search', 'interest'\]"):
        Action.from_event(event, ("interest",))


def test_codes_of_kinds_never_move() -> None:
    """They are in every stored state: this list may only get longer, and each new kind takes a code from the tenants' own."""
    assert KINDS == (
        "view", "click", "add_to_cart", "purchase", "favorite", "like", "share", "dislike", "remove_from_cart", "impression",
        "search",
    )  # fmt: skip
    assert set(DEFAULT_WEIGHTS) == set(KINDS)
    assert FIRST_OWN_CODE + MAX_OWN_KINDS == N_KIND_SLOTS
