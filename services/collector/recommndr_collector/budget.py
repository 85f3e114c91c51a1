"""How many events a shopper's browser may send: a bucket per shopper that refills steadily."""

from collections import OrderedDict
from dataclasses import dataclass, field

_PERIOD_S = 60.0
_ROUNDING_S = 1e-3  # a minute's additions to seconds since 1970
# About 20 MB. Beyond that those are forgotten who sent nothing for longest: they begin with a full bucket.
MAX_SHOPPERS = 100_000


@dataclass
class EventBudget:
    """Buckets of one minute's events; only shoppers whose bucket is not full are kept. Of one process: each has its own."""

    max_shoppers: int = MAX_SHOPPERS
    _full_at_s: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)

    def take(self, tenant: str, user_id: str, per_minute: int, now_s: float) -> float:
        """Take one event out of the shopper's bucket: 0, or, when it is empty, after how many seconds there is one again."""
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
        """How many shoppers have a bucket."""
        return len(self._full_at_s)
