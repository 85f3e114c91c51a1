"""Whom to train next, and whether to try again. Pure: no clock, no processes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from recommndr_training.retraining.outcome import Outcome

_DAY_S = 86_400.0
_NEVER_DAYS = 365.0  # a shop that was never trained on its lake is as stale as one after a year


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shop that could be trained."""

    tenant: str
    n_rows: int  # that the lake has of it
    last: Outcome | None = None

    @property
    def n_new(self) -> int:
        """Rows since its last training that ended by itself; erasures can make them fewer."""
        known = 0 if self.last is None or self.last.ending == "failed" else self.last.n_rows
        return max(self.n_rows - known, 0)

    def urgency(self, now_s: float) -> float:
        """New rows times days since the last training."""
        days = _NEVER_DAYS if self.last is None else max(now_s - self.last.at_s, 0.0) / _DAY_S
        return self.n_new * (1.0 + days)


def order(candidates: Iterable[Candidate], now_s: float) -> list[str]:
    """Tenants of which there is something new, the most urgent first.

    >>> last = Outcome("b", "released", "", at_s=0.0, n_rows=10)
    >>> order([Candidate("a", 10), Candidate("b", 10, last), Candidate("c", 90)], now_s=0.0)
    ['c', 'a']
    """
    waiting = [(-one.urgency(now_s), one.tenant) for one in candidates if one.n_new]
    return [tenant for _, tenant in sorted(waiting)]


@dataclass(frozen=True, slots=True)
class Pool:
    """Who waits, who is being trained, and how often each was begun. Each change gives another pool."""

    waiting: tuple[str, ...]
    running: tuple[str, ...] = ()
    tries: Mapping[str, int] = field(default_factory=dict)
    max_tries: int = 2

    @classmethod
    def of(cls, tenants: Sequence[str], max_tries: int) -> Self:
        """All wait, in this order; one who is named twice waits once."""
        return cls(tuple(dict.fromkeys(tenants)), max_tries=max_tries)

    @property
    def is_done(self) -> bool:
        """Whether nobody waits or runs."""
        return not self.waiting and not self.running

    def begun(self) -> tuple[str, Self]:
        """The first who waits runs; raises `IndexError` if nobody waits."""
        tenant, rest = self.waiting[0], self.waiting[1:]
        tries = {**self.tries, tenant: self.tries.get(tenant, 0) + 1}
        return tenant, replace(self, waiting=rest, running=(*self.running, tenant), tries=tries)

    def ended(self, outcome: Outcome) -> Self:
        """A training ended. One that failed waits again, behind all others, until it was tried often enough."""
        again = outcome.ending == "failed" and self.tries[outcome.tenant] < self.max_tries
        running = tuple(tenant for tenant in self.running if tenant != outcome.tenant)
        return replace(self, running=running, waiting=(*self.waiting, outcome.tenant) if again else self.waiting)
