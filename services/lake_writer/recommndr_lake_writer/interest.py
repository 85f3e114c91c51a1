"""A shopper's interest in an item: the one definition of the matrix that ALS learns from.

Training computes it in its process (`recommndr_training.data.interactions`), the command `dataset` by Arrow (`aggregate`), and
`recommndr_spark` on Spark. Tests compare the first with the second and the second with the third.

Of one shopper and one item, as of an instant, over all events that were received before it:

- Events of the target kind count 2^-(age / half-life) each, added up.
- Where there are none, the newest event counts, once: its kind's weight relative to the target kind's, decayed alike. Kinds
  with a negative weight count 0, so they end earlier evidence. Of events at one instant the one with the larger kind code is
  newest.
- An item on two lines of an event counts once, whatever the quantity. Impressions and events without an item do not count.
- There is no limit per shopper or item, so one with very many events (a robot) is in the matrix as everybody else. A guest who
  signed in later is a shopper of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recommndr.tenancy import TenantPolicy

IMPRESSION = "impression"


@dataclass(frozen=True, slots=True)
class Interest:
    """A shop's kinds of events and their half-life in days."""

    target: str
    weights: Mapping[str, float]  # by kind that counts: relative to the target kind's, 0 instead of less
    codes: Mapping[str, int]  # of the same kinds
    half_life_days: float

    @classmethod
    def of_policy(
        cls, policy: TenantPolicy, half_life_days: float | None = None, kinds: Iterable[str] | None = None
    ) -> "Interest":
        """From a tenant's policy, with its half-life and all its kinds unless others are named."""
        asked = policy.kinds if kinds is None else tuple(kinds)
        counting = [kind for kind in policy.kinds if kind in asked and kind != IMPRESSION]
        target_weight = policy.weight(policy.target_kind)
        return cls(
            target=policy.target_kind,
            weights={kind: max(policy.weight(kind) / target_weight, 0.0) for kind in counting},
            codes={kind: policy.kind_code(kind) for kind in counting},
            half_life_days=policy.purchase_half_life_days if half_life_days is None else half_life_days,
        )
