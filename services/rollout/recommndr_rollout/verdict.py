"""What a rule says about a challenger. No data is neither bad news nor good news: the verdict is then unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from recommndr.release_policy import Consequence, RuleName

Health = Literal["healthy", "failing", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's judgement, with what it saw."""

    rule: RuleName
    health: Health
    finding: str  # a sentence with the figure, its limit and the samples
    consequence: Consequence = "act"
    value: float | None = None
    at_once: bool = False  # traffic returns at once, not by halves

    @property
    def acts(self) -> bool:
        """Whether it takes the traffic back."""
        return self.health == "failing" and self.consequence == "act"

    @property
    def holds(self) -> bool:
        """Whether the release must stay where it is."""
        return self.health == "failing" and self.consequence != "observe"


def of(verdicts: Iterable[Verdict], rule: RuleName) -> Health:
    """The health by one rule; unknown if it said nothing."""
    return next((one.health for one in verdicts if one.rule == rule), "unknown")
