"""One outside part that is asked how it does."""

from dataclasses import dataclass
from typing import Protocol


class Away(RuntimeError):
    """The part did not answer, or not as expected; what it said before is no longer to be told."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a family of `metrics.families`."""

    family: str
    value: float
    labels: tuple[str, ...] = ()


class Source(Protocol):
    """Asked every few seconds, on a thread of its own."""

    @property
    def name(self) -> str:
        """What the part is called in `recommndr_monitoring_source_up`."""
        ...

    def samples(self) -> list[Sample]:
        """What it says now; raises `Away`."""
        ...
