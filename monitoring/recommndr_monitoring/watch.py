"""Asks one source again and again on a thread of its own, and forgets what it said when it is away or late."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommndr_monitoring.source import Away, Sample, Source

_log = logging.getLogger(__name__)

ASK_EVERY_S = 5.0
# A source that hangs keeps its thread, not its old values: three questions later they are history.
FORGET_AFTER_S = 15.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source said, and when."""

    samples: Sequence[Sample]
    at_s: float
    took_s: float


class Watch:
    """One source, watched."""

    def __init__(self, source: Source, monotonic_s: Callable[[], float]) -> None:
        self._source = source
        self._monotonic_s = monotonic_s
        self._newest: Reading | None = None
        self._away: str | None = None

    @property
    def name(self) -> str:
        """Of its source."""
        return self._source.name

    def newest(self) -> Reading | None:
        """What the source said last; None when it was away, or when that is too long ago."""
        newest = self._newest
        if newest is None or self._monotonic_s() - newest.at_s > FORGET_AFTER_S:
            return None
        return newest

    def ask(self) -> None:
        """Ask once; never raises for a source that is away."""
        began_s = self._monotonic_s()
        try:
            samples = self._source.samples()
        except Away as cause:
            self._newest = None
            if self._away is None:
                _log.warning("%s is away: %s", self.name, cause)
            self._away = str(cause)
            return
        if self._away is not None:
            _log.info("%s answers again", self.name)
        self._away = None
        now_s = self._monotonic_s()
        self._newest = Reading(samples, now_s, now_s - began_s)

    def run(self, stop: threading.Event) -> None:
        """Ask until `stop` is set."""
        while not stop.is_set():
            self.ask()
            stop.wait(ASK_EVERY_S)
