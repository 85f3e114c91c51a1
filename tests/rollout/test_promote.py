"""What a promotion makes of a release record."""

from datetime import UTC, datetime

import pytest

from recommndr.release import Slot
from recommndr_rollout.promote import Promotion, PromotionRefused, promote
from tests.rollout.records import placement, record

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def promotion(model_version: int, slot: Slot | None = None) -> Promotion:
    return Promotion("grocer", f"bundle-{model_version}", model_version, "test", NOW, slot)


def test_the_first_release_is_stable_in_blue() -> None:
    first = promote(None, promotion(1))
    assert first.stable == placement(1, "blue")
    assert first.weights() == {"blue": 10_000, "green": 0}
    assert (first.previous, first.challenger) == (None, None)


def test_a_later_version_goes_to_the_idle_slot_and_the_old_one_becomes_previous() -> None:
    second = promote(promote(None, promotion(1)), promotion(2))
    assert second.stable == placement(2, "green")
    assert second.previous == placement(1, "blue")
    assert second.weights() == {"blue": 0, "green": 10_000}
    third = promote(second, promotion(3))
    assert (third.stable, third.previous) == (placement(3, "blue"), placement(2, "green"))
    assert [step.reason for step in third.steps] == [
        "version 1: first release",
        "version 2: over version 1",
        "version 3: over version 2",
    ]


def test_while_a_promoted_version_does_not_answer_only_the_way_back_is_open() -> None:
    second = promote(promote(None, promotion(1)), promotion(2))
    still_old = {"blue": 10_000, "green": 0}
    with pytest.raises(PromotionRefused, match="slot green does not serve version 2 yet"):
        promote(second, promotion(3), still_old)  # it would go into the slot that serves
    assert promote(second, promotion(1), still_old).stable == placement(1, "blue")
    assert promote(second, promotion(3), second.weights()).stable == placement(3, "blue")


def test_a_version_that_comes_back_is_another_release() -> None:
    first = promote(None, promotion(1)).model_copy(update={"record_version": 1})
    second = promote(first, promotion(2)).model_copy(update={"record_version": 2})
    assert promote(second, promotion(1)).release_id != first.release_id


def test_the_live_version_is_not_promoted_again() -> None:
    with pytest.raises(PromotionRefused, match="version 1 is already live in blue"):
        promote(promote(None, promotion(1)), promotion(1))


def test_a_slot_that_serves_is_never_changed_in_place() -> None:
    with pytest.raises(PromotionRefused, match="cannot be changed in place; expected green"):
        promote(promote(None, promotion(1)), promotion(2, slot="blue"))


def test_nothing_is_promoted_while_a_release_is_under_way() -> None:
    with pytest.raises(PromotionRefused, match="finish it first"):
        promote(record(challenger_weight=100), promotion(3))
