"""Each event is sent until it is taken or refused for good."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recommndr_client.delivery import MOST, Delivery

statuses = st.sampled_from([202, 202, 202, 400, 413, 429, 503])


def events(n: int) -> list[dict[str, Any]]:
    return [{"event_id": str(number)} for number in range(n)]


def outcome(event: dict[str, Any], status: int) -> dict[str, Any]:
    return {"event_id": event["event_id"], "status": status}


@given(st.integers(0, 2 * MOST + 3), st.data())
def test_every_event_ends_as_taken_or_as_refused_exactly_once(n: int, data: st.DataObject) -> None:
    delivery, taken = Delivery(events(n), attempts=3), list[str]()
    tries: dict[str, int] = {}
    while batch := delivery.next():
        assert len(batch) <= MOST
        answers = [outcome(one, data.draw(statuses)) for one in batch]
        for one in answers:
            tries[one["event_id"]] = tries.get(one["event_id"], 0) + 1
        taken += [one["event_id"] for one in answers if one["status"] == 202]
        delivery.took({"results": answers})  # type: ignore[typeddict-item]
    refused = [str(one["event_id"]) for one in delivery.refused]
    assert sorted(taken + refused) == sorted(one["event_id"] for one in events(n))
    assert all(tried <= 3 for tried in tries.values())


def test_without_an_answer_the_same_events_are_sent_again_and_at_last_given_up() -> None:
    delivery = Delivery(events(2), attempts=2)
    assert delivery.next() == events(2)
    assert delivery.failed()
    assert delivery.next() == events(2)
    assert not delivery.failed()


def test_what_is_wrong_is_not_sent_again() -> None:
    delivery = Delivery(events(2))
    first, second = delivery.next()
    assert not delivery.took({"results": [outcome(first, 400), outcome(second, 202)]})  # type: ignore[typeddict-item]
    assert [one["event_id"] for one in delivery.refused] == ["0"]
    assert delivery.next() == []
