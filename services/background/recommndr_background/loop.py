"""A loop that repeats one kind of work until it is stopped, and survives every error of a step."""

import logging
import threading
import time
from collections.abc import Callable

from recommndr_background.metrics import LoopMetrics
from recommndr_background.work import Work

_log = logging.getLogger(__name__)


class BackgroundLoop:
    """Steps of `work` one after another, on a thread of its own (`start`) or on the caller's (`run`).

    A failed step is counted and tried again after `retry_s`. It is logged when the failure is new, so that a dependency that
    is away for an hour costs two lines. Each step is a heartbeat: without one for `stalled_after_s` the loop is stalled.
    """

    def __init__(self, work: Work, metrics: LoopMetrics, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._metrics = metrics
        self._monotonic_s = monotonic_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._beat_s: float | None = None  # None: not running, so no heartbeat is expected
        self._failure = ""
        self._n_failed = 0
        metrics.watch(work.name, lambda: self.stalled)

    @property
    def name(self) -> str:
        """Name of its work."""
        return self._work.name

    @property
    def stalled(self) -> bool:
        """Whether it should be running and has given no heartbeat for too long, or its thread has died."""
        thread, beat_s = self._thread, self._beat_s
        if self._stop.is_set():
            return False
        if thread is not None and not thread.is_alive():
            return True
        return beat_s is not None and self._monotonic_s() - beat_s > self._work.stalled_after_s

    def start(self) -> None:
        """Begin on a thread of its own; returns at once."""
        self._beat_s = self._monotonic_s()
        # A step that hangs must not hold up the end of the process.
        self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End after the step under way; blocks until then or for `timeout_s`."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def run(self, stop: threading.Event | None = None) -> None:
        """Step until `stop` is set (by default until `stop()` is called), then close."""
        if stop is not None:
            self._stop = stop
        try:
            while not self._stop.is_set():
                self._stop.wait(self._turn())
        finally:
            self._beat_s = None
            self._close()

    def _turn(self) -> float:
        """One step; returns the seconds to wait for the next."""
        self._beat_s = self._monotonic_s()
        try:
            self._work.step()
        except Exception as cause:  # the loop must survive any error of a step
            self._failed(cause)
            return self._work.retry_s
        self._metrics.steps.labels(self.name, "done").inc()
        if self._n_failed:
            _log.info("%s: works again after %d failures", self.name, self._n_failed)
            self._failure, self._n_failed = "", 0
        return self._work.pause_s

    def _failed(self, cause: Exception) -> None:
        self._metrics.steps.labels(self.name, "failed").inc()
        self._n_failed += 1
        failure = f"{type(cause).__name__}: {cause}"
        if failure == self._failure:
            return
        self._failure = failure
        trace = None if isinstance(cause, self._work.expected) else cause
        _log.warning("%s: failed, trying again every %g s: %s", self.name, self._work.retry_s, failure, exc_info=trace)

    def _close(self) -> None:
        try:
            self._work.close()
        except Exception:
            _log.exception("%s: could not be closed", self.name)
