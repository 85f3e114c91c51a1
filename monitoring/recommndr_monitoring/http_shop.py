"""The probe's item in an installation, by the HTTP interfaces of collector and slots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx

from recommndr.edge import TENANT_HEADER
from recommndr.identity import check_entity_id, check_tenant
from recommndr.release import SLOTS
from recommndr.settings import Settings
from recommndr_monitoring.source import SourceUnavailable

_TITLE = "Item of the availability probe"


@dataclass(frozen=True)
class HttpShop:
    """Implements `recommndr_monitoring.availability_probe.ProbedShop`."""

    client: httpx.Client
    tenant: str
    item_id: str
    key_file: Path  # a server key with all scopes; read at each call, because keys are replaced
    collector: str
    slots: Mapping[str, str] = field(default_factory=dict)  # URL by name

    @classmethod
    def of(cls, settings: Settings, client: httpx.Client, tenant: str, item_id: str) -> "HttpShop":
        """The shop of a tenant in the installation of these settings; raises `ValueError` for an invalid name."""
        slots: dict[str, str] = {slot: f"http://{settings.host_of(slot)}:{settings.slot_port(slot)}" for slot in SLOTS}
        collector = f"http://{settings.host_of('collector')}:{settings.collector_port}"
        key_file = settings.admin_keys_dir / check_tenant(tenant)
        return cls(client, tenant, check_entity_id(item_id), key_file, collector, slots)

    def stock(self) -> None:
        """See `ProbedShop.stock`."""
        self._ask("PUT", f"{self.collector}/items", [{"item_id": self.item_id, "title": _TITLE}])

    def set_available(self, available: bool) -> None:
        """See `ProbedShop.set_available`."""
        self._ask("PATCH", f"{self.collector}/items/{quote(self.item_id, safe='')}/availability", {"available": available})

    def available(self, slot: str) -> bool | None:
        """See `ProbedShop.available`."""
        answer = self._ask("GET", f"{self.slots[slot]}/items/{quote(self.item_id, safe='')}", accepted=(404,))
        return None if answer.status_code == 404 else bool(answer.json()["available"])

    def _ask(self, method: str, url: str, body: object = None, accepted: tuple[int, ...] = ()) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._key()}", TENANT_HEADER: self.tenant}
        try:
            answer = self.client.request(method, url, headers=headers, json=body)
        except httpx.HTTPError as cause:
            raise SourceUnavailable(f"{method} {url}: {cause!r}") from cause
        if not answer.is_success and answer.status_code not in accepted:
            raise SourceUnavailable(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _key(self) -> str:
        try:
            return self.key_file.read_text().strip()
        except OSError as cause:
            raise SourceUnavailable(
                f"{self.key_file}: no server key of {self.tenant!r} there ({cause.strerror}); "
                f"`recommndr key create --tenant {self.tenant}` makes one"
            ) from cause
