"""Reads one source, and drops its samples when it does not answer in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommndr_monitoring.source import Sample, Source, SourceUnavailable

ASK_EVERY_S = 5.0
# Samples of a source that hangs are dropped after three missed reads.
FORGET_AFTER_S = 15.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Samples of a source, and when they were read."""

    samples: Sequence[Sample]
    at_s: float
    took_s: float


class Watch:
    """One source, watched."""

    def __init__(self, source: Source, monotonic_s: Callable[[], float], forget_after_s: float = FORGET_AFTER_S) -> None:
        self._source = source
        self._forget_after_s = forget_after_s
        self._monotonic_s = monotonic_s
        self._newest: Reading | None = None

    @property
    def name(self) -> str:
        """Name of its source."""
        return self._source.name

    def newest(self) -> Reading | None:
        """The newest reading; None when the source did not answer or the reading is too old."""
        newest = self._newest
        if newest is None or self._monotonic_s() - newest.at_s > self._forget_after_s:
            return None
        return newest

    def ask(self) -> None:
        """Read once; raises `SourceUnavailable` and drops the samples when the source does not answer."""
        began_s = self._monotonic_s()
        try:
            samples = self._source.samples()
        except SourceUnavailable:
            self._newest = None
            raise
        now_s = self._monotonic_s()
        self._newest = Reading(samples, now_s, now_s - began_s)
