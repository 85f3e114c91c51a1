"""Garbage in Flink's worker is collected rarely, and still collected."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from recommndr_flink_jobs.garbage import collect_rarely


class _Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _python_as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_states_that_stay_are_not_looked_through_with_every_pack() -> None:
    collect_rarely()
    before = gc.get_stats()[0]["collections"]
    states = [(n,) for n in range(20_000)]  # of about 200 events
    assert gc.get_stats()[0]["collections"] == before
    del states


def test_what_refers_to_itself_is_freed_in_the_end() -> None:
    collect_rarely()
    knot = weakref.ref(_Knot())
    for _ in range(3):
        _ = [[n] for n in range(60_000)]
    assert knot() is None
