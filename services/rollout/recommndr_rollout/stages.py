"""The steps forward of a release: the challenger's weight in each, and the rules that it needs."""

from dataclasses import dataclass
from types import MappingProxyType

from recommndr.release import Phase
from recommndr.release_policy import RuleName


@dataclass(frozen=True, slots=True)
class Stage:
    """One step forward."""

    weight: int  # basis points
    following: Phase
    needs: tuple[RuleName, ...]  # must be healthy
    hopes: tuple[RuleName, ...] = ()  # must be healthy until patience is over, and may be unknown then


_ALWAYS: tuple[RuleName, ...] = ("slot",)
_REQUESTS: tuple[RuleName, ...] = ("errors", "latency")
_OUTCOMES: tuple[RuleName, ...] = ("ctr", "conversion")
STAGES = MappingProxyType(
    {
        "WARMING": Stage(0, "STEP_1", ("load",)),
        "STEP_1": Stage(100, "STEP_10", _ALWAYS, _REQUESTS),
        "STEP_10": Stage(1_000, "STEP_50", _ALWAYS, (*_REQUESTS, *_OUTCOMES)),
        "STEP_50": Stage(5_000, "PROMOTED", _ALWAYS, (*_REQUESTS, *_OUTCOMES)),
    }
)
