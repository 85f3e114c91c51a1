"""Whom the trainer trains now, and why. Pure: figures in, names out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from recommndr_training.retraining.pool import Candidate, order

ASKED, SCHEDULE, VOLUME = "request", "schedule", "volume"


@dataclass(frozen=True, slots=True)
class Rules:
    """When new rows are enough for a training of their own, and how long one that failed waits."""

    min_new: int = 5_000
    retry_after_s: float = 3_600.0

    def by_volume(self, one: Candidate, now_s: float) -> bool:
        """Whether a shop is trained for its new rows alone."""
        waits = one.last is not None and one.last.ending == "failed" and now_s - one.last.at_s < self.retry_after_s
        return one.n_new >= self.min_new and not waits


def due(
    candidates: Iterable[Candidate], asked: Collection[str], rules: Rules, now_s: float, *, is_time: bool
) -> dict[str, str]:
    """Why each tenant is due: those asked for first, whatever is new, then the most urgent.

    >>> shops = [Candidate("a", 10), Candidate("b", 9_000), Candidate("c", 0)]
    >>> due(shops, ["c"], Rules(min_new=5_000), 0.0, is_time=False)
    {'c': 'request', 'b': 'volume'}
    >>> due(shops, [], Rules(min_new=5_000), 0.0, is_time=True)
    {'b': 'schedule', 'a': 'schedule'}
    """
    shops = {one.tenant: one for one in candidates}
    found = {tenant: ASKED for tenant in asked if tenant in shops}
    for tenant in order(shops.values(), now_s):
        if is_time:
            found.setdefault(tenant, SCHEDULE)
        elif rules.by_volume(shops[tenant], now_s):
            found.setdefault(tenant, VOLUME)
    return found
