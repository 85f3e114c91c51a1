"""When a bundle's column names are written with an answer: they are twice as long as all the rest of a record."""

import math
from collections.abc import Callable

from recommndr.served_answer import ServedAnswer

_NAMES_EVERY_S = 5.0


class NamedColumns:
    """By version of a bundle, when its column names were written last."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._named_at_s: dict[str | None, float] = {}

    def are_due(self, answer: ServedAnswer) -> bool:
        """Whether the next record of the answer's version says them."""
        return self._monotonic_s() - self._named_at_s.get(answer.model_version, -math.inf) >= _NAMES_EVERY_S

    def were_written(self, answer: ServedAnswer) -> None:
        """Take note that a record of the answer said them."""
        if answer.columns:
            self._named_at_s[answer.model_version] = self._monotonic_s()
