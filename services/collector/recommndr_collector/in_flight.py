"""Limits on the records and bytes that wait for the broker, in all and per tenant, so that no tenant blocks the others."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of what may wait at once. A list of items may have 4 MB and 1,000 records."""

    n_records: int = 10_000
    n_bytes: int = 32_000_000
    n_records_of_tenant: int = 5_000
    n_bytes_of_tenant: int = 16_000_000


@dataclass
class InFlight:
    """Counts waiting records and bytes, in all and per tenant."""

    bounds: Bounds = Bounds()
    n_records: int = 0
    n_bytes: int = 0
    _records_of: Counter[str] = field(default_factory=Counter)
    _bytes_of: Counter[str] = field(default_factory=Counter)

    def refusal(self, tenant: str, n_bytes: int) -> str | None:
        """Why a tenant's record of `n_bytes` is refused; None when it is within the limits."""
        bounds = self.bounds
        if (
            self._records_of[tenant] >= bounds.n_records_of_tenant
            or self._bytes_of[tenant] + n_bytes > bounds.n_bytes_of_tenant
        ):
            held = f"{self._records_of[tenant]} records and {self._bytes_of[tenant]} bytes"
            return f"{held} of tenant {tenant} wait for the event log, and its limit is reached"
        if self.n_records >= bounds.n_records or self.n_bytes + n_bytes > bounds.n_bytes:
            return f"{self.n_records} records and {self.n_bytes} bytes of all tenants wait for the event log"
        return None

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
