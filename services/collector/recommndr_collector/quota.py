"""Limits a tenant's rate: a token bucket per tenant that holds ten seconds' worth."""

from dataclasses import dataclass, field

BURST_S = 10.0


@dataclass
class Quota:
    """Buckets of one process; each process has its own.

    An event is taken whole while the bucket is not empty, so an event of many lines can leave a debt that must be refilled
    first: the rate holds in the long run, and no event is too large for a small quota.
    """

    _full_at_s: dict[str, float] = field(default_factory=dict)

    def take(self, tenant: str, amount: int, per_s: int, now_s: float) -> float:
        """Take `amount` from the tenant's bucket; returns 0, or the seconds to wait if the bucket is empty."""
        full_at_s = max(self._full_at_s.get(tenant, now_s), now_s)
        if full_at_s - now_s >= BURST_S:
            return max(full_at_s - now_s - BURST_S, 1.0 / per_s)
        self._full_at_s[tenant] = full_at_s + amount / per_s
        return 0.0
