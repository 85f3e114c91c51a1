"""A source of samples outside this process."""

from dataclasses import dataclass
from typing import Protocol


class SourceUnavailable(RuntimeError):
    """The source did not answer, or not as expected; its earlier samples must not be exported."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a family of `metrics.families`."""

    family: str
    value: float
    labels: tuple[str, ...] = ()


class Source(Protocol):
    """A source of samples, read every few seconds on a thread of its own."""

    @property
    def name(self) -> str:
        """Its label in `recommndr_monitoring_source_up`."""
        ...

    def samples(self) -> list[Sample]:
        """Its current samples; raises `SourceUnavailable`."""
        ...
