"""Asks one source, and forgets what it said when it is away or late."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommndr_monitoring.source import Away, Sample, Source

ASK_EVERY_S = 5.0
# A source that hangs keeps its thread, not its old values: after three missed answers they are forgotten.
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
        """Ask once; raises `Away` for a source that is away, and forgets what it said."""
        began_s = self._monotonic_s()
        try:
            samples = self._source.samples()
        except Away:
            self._newest = None
            raise
        now_s = self._monotonic_s()
        self._newest = Reading(samples, now_s, now_s - began_s)
