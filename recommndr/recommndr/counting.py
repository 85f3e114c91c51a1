"""How a tenant's shoppers are counted in their states."""

from typing import NamedTuple

from recommndr.events import KIND_CODE

DEFAULT_HALF_LIFE_S = 90 * 86_400.0


class Counting(NamedTuple):
    """The half-life of decayed counts, and the code of the target kind, which these counts are of."""

    half_life_s: float = DEFAULT_HALF_LIFE_S
    kind: int = KIND_CODE["purchase"]


DEFAULT_COUNTING = Counting()
