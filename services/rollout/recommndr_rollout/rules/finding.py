"""What a rule's function returns."""

from typing import NamedTuple

from recommndr_rollout.verdict import Health


class Finding(NamedTuple):
    """The health, and a sentence for the operator with the figure, its limit and the samples."""

    health: Health
    told: str
    value: float | None = None
    at_once: bool = False


def unknown(told: str) -> Finding:
    """There is too little to say."""
    return Finding("unknown", told)


def checked(is_well: bool, told: str, value: float, at_once: bool = False) -> Finding:
    """Healthy or failing."""
    return Finding("healthy" if is_well else "failing", told, value, at_once)
