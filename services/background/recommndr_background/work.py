"""What a background loop does, and how often."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work. A step that raises is done again, so it keeps what it has not finished yet."""

    name: str
    step: Callable[[], None]
    pause_s: float = 0.0  # between two steps; a step that waits for its input needs none
    retry_s: float = 1.0  # after a step that failed
    stalled_after_s: float = 60.0  # a step that takes longer counts as hanging
    expected: tuple[type[Exception], ...] = (OSError,)  # errors of an unavailable dependency; logged without a traceback
    close: Callable[[], None] = _nothing  # called once after the last step, on the thread of the steps
