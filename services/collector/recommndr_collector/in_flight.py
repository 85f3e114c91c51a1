"""Limits on the records and bytes that wait for the broker, shared so that no tenants block the others."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of what may wait at once, of all tenants. A list of items may have 4 MB and 1,000 records."""

    n_records: int = 10_000
    n_bytes: int = 32_000_000


@dataclass
class InFlight:
    """Counts waiting records and bytes, in all and per tenant.

    A tenant may hold as much as stays free (dynamic thresholds, Choudhury and Hahne 1998). Alone it may have half of the whole;
    k tenants that send too much leave at least one part of 2^k, and equal shares once answers come.
    """

    bounds: Bounds = Bounds()
    n_records: int = 0
    n_bytes: int = 0
    _records_of: Counter[str] = field(default_factory=Counter)
    _bytes_of: Counter[str] = field(default_factory=Counter)

    def refusal(self, tenant: str, n_bytes: int) -> str | None:
        """Why a tenant's record of `n_bytes` is refused; None when it is within its share."""
        own_records, own_bytes = self._records_of[tenant] + 1, self._bytes_of[tenant] + n_bytes
        free_records = self.bounds.n_records - self.n_records - 1
        free_bytes = self.bounds.n_bytes - self.n_bytes - n_bytes
        if own_records <= free_records and own_bytes <= free_bytes:
            return None
        held = f"{own_records - 1} records and {own_bytes - n_bytes} bytes of tenant {tenant}"
        return f"{held}, and {self.n_records} and {self.n_bytes} of all, wait for the event log"

    def holds(self, tenant: str) -> bool:
        """Whether records of this tenant wait."""
        return tenant in self._records_of

    def bytes_of(self, tenant: str) -> int:
        """Bytes of this tenant's waiting records."""
        return self._bytes_of.get(tenant, 0)

    def add(self, tenant: str, n_bytes: int) -> None:
        """Count one more waiting record."""
        self._count(tenant, 1, n_bytes)

    def remove(self, tenant: str, n_bytes: int) -> None:
        """Count one waiting record less."""
        self._count(tenant, -1, -n_bytes)
        if not self._records_of[tenant]:
            del self._records_of[tenant], self._bytes_of[tenant]

    def _count(self, tenant: str, n_records: int, n_bytes: int) -> None:
        self.n_records += n_records
        self.n_bytes += n_bytes
        self._records_of[tenant] += n_records
        self._bytes_of[tenant] += n_bytes
