"""Limits the events of a shopper's browser: a token bucket per shopper."""

from collections import OrderedDict
from dataclasses import dataclass, field

_PERIOD_S = 60.0
_ROUNDING_S = 1e-3  # covers the rounding when minutes are added to seconds since 1970
# About 20 MB. Beyond that, shoppers who sent nothing for longest are forgotten; they start with a full bucket.
MAX_SHOPPERS = 100_000


@dataclass
class EventBudget:
    """Buckets of one minute's events, one per shopper whose bucket is not full. Each process has its own."""

    max_shoppers: int = MAX_SHOPPERS
    _full_at_s: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)

    def take(self, tenant: str, user_id: str, per_minute: int, now_s: float) -> float:
        """Take one event from the shopper's bucket; returns 0, or the seconds until the next event if the bucket is empty."""
        self._forget(now_s)
        cost_s = _PERIOD_S / per_minute
        shopper = (tenant, user_id)
        full_at_s = max(self._full_at_s.get(shopper, now_s), now_s) + cost_s
        if full_at_s - now_s > _PERIOD_S + _ROUNDING_S:
            return full_at_s - now_s - _PERIOD_S
        self._full_at_s[shopper] = full_at_s
        self._full_at_s.move_to_end(shopper)
        return 0.0

    def _forget(self, now_s: float) -> None:
        while self._full_at_s:
            oldest = next(iter(self._full_at_s))
            if self._full_at_s[oldest] > now_s and len(self._full_at_s) < self.max_shoppers:
                return
            del self._full_at_s[oldest]

    def __len__(self) -> int:
        """The number of shoppers with a bucket."""
        return len(self._full_at_s)
