"""What tests wait with."""

import pytest

from tests.patience import eventually, quickest


def test_a_state_that_never_comes_is_named() -> None:
    with pytest.raises(AssertionError, match="after 0 s still not: the moon is cheese"):
        eventually(lambda: False, "the moon is cheese", timeout_s=0.0, every_s=0.0)


def test_a_state_is_waited_for() -> None:
    answers = iter([False, False, True])
    assert eventually(lambda: next(answers), "the third answer", every_s=0.0) > 0


def test_one_quick_try_is_enough_and_none_is_not() -> None:
    took = iter([3.0, 2.0, 0.5, 9.0])
    quickest(lambda: next(took), within_s=1.0)
    assert next(took) == 9.0
    with pytest.raises(AssertionError, match="the quickest of 3 tries took 2"):
        quickest(iter([3.0, 2.0, 2.5]).__next__, within_s=1.0, tries=3)
