"""A background loop survives its steps' errors and reports when it hangs."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import CollectorRegistry

from recommndr_background.loops import Loops
from recommndr_background.work import Work

WAIT_S = 30.0


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def script(*outcomes: Exception | None, then: Callable[[], None]) -> Callable[[], None]:
    """A step that raises or returns what is written for each call, and calls `then` after the last."""
    left: Iterator[Exception | None] = iter(outcomes)

    def step() -> None:
        try:
            outcome = next(left)
        except StopIteration:
            then()
            return
        if outcome is not None:
            raise outcome

    return step


def ran(registry: CollectorRegistry, *outcomes: Exception | None) -> Loops:
    stop = threading.Event()
    loops = Loops(registry)
    loops.add(Work("counting", script(*outcomes, then=stop.set), retry_s=0.0)).run(stop)
    return loops


def n_steps(registry: CollectorRegistry, outcome: str) -> float:
    return registry.get_sample_value("recommndr_background_steps_total", {"loop": "counting", "outcome": outcome}) or 0.0


@pytest.mark.parametrize("cause", [OSError("away"), ValueError("bad record"), KeyError("x"), RuntimeError(), MemoryError()])
def test_no_error_of_a_step_ends_the_loop(registry: CollectorRegistry, cause: Exception) -> None:
    ran(registry, cause, None, cause, cause)
    assert (n_steps(registry, "failed"), n_steps(registry, "done")) == (3, 2)


def test_a_failure_is_logged_once_and_so_is_its_end(registry: CollectorRegistry, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ran(registry, *[OSError("no broker")] * 5, None)
    assert [record.getMessage() for record in caplog.records] == [
        "counting: failed, trying again every 0 s: OSError: no broker",
        "counting: works again after 5 failures",
    ]
    assert caplog.records[0].exc_info is None


def test_an_unexpected_error_is_logged_with_its_traceback(
    registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    ran(registry, ZeroDivisionError("bug"))
    assert caplog.records[0].exc_info is not None


def test_a_step_that_hangs_stalls_the_loop_until_it_continues(registry: CollectorRegistry) -> None:
    clock, hung, go_on, gone_on = Clock(), threading.Event(), threading.Event(), threading.Event()

    def step() -> None:
        hung.set()
        go_on.wait(WAIT_S)
        if clock.now_s > 0:
            gone_on.set()

    loops = Loops(registry, clock)
    loops.add(Work("hanging", step, pause_s=0.01, stalled_after_s=60))
    assert loops.stalled() == [], "nothing is expected of a loop that was not started"
    loops.start()
    assert hung.wait(WAIT_S)
    assert loops.stalled() == []
    clock.now_s = 61
    assert loops.stalled() == ["hanging"]
    assert registry.get_sample_value("recommndr_background_stalled", {"loop": "hanging"}) == 1
    hung.clear()
    go_on.set()
    assert gone_on.wait(WAIT_S)
    assert hung.wait(WAIT_S)  # the next step has begun: that is its heartbeat
    assert loops.stalled() == []
    loops.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_stalled(registry: CollectorRegistry) -> None:
    def step() -> None:
        raise KeyboardInterrupt  # not an Exception: nothing catches it

    loops = Loops(registry)
    loop = loops.add(Work("dying", step))
    loop.start()
    assert loop._thread is not None
    loop._thread.join(WAIT_S)
    assert loops.stalled() == ["dying"]


def test_a_loop_that_fails_all_the_time_is_not_stalled(registry: CollectorRegistry) -> None:
    clock, tried = Clock(), threading.Event()

    def step() -> None:
        if clock.now_s > 0:
            tried.set()
        raise OSError("away")

    loops = Loops(registry, clock)
    loops.add(Work("failing", step, retry_s=0.01, stalled_after_s=60))
    loops.start()
    clock.now_s = 1_000
    assert tried.wait(WAIT_S)
    assert loops.stalled() == []
    loops.stop()


def test_what_it_holds_is_let_go_after_the_last_step_also_when_that_fails(registry: CollectorRegistry) -> None:
    closed = threading.Event()

    def close() -> None:
        closed.set()
        raise OSError("already gone")

    loops = Loops(registry)
    loops.add(Work("holding", lambda: None, pause_s=0.01, close=close))
    loops.start()
    loops.stop()
    assert closed.is_set()
    assert loops.stalled() == []
