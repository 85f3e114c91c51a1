"""A slot: the objects that request handlers use. No globals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recommndr.attribution import Attribution, sign
from recommndr.attribution_keys import AttributionKeys
from recommndr.identity import TenantId
from recommndr.release import Slot as SlotName
from recommndr_background.traces import NO_TRACES, Tracer
from recommndr_http.credential import Credentials
from recommndr_serving.live.served import ServedLog
from recommndr_serving.live.user_rows import UserRows
from recommndr_serving.metrics import Metrics
from recommndr_serving.rules.changes import RuleChanges
from recommndr_serving.tenant_slot import TenantSlot


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs attribution tokens; without a key, answers have no token and clicks are not attributed."""

    keys: Callable[[], AttributionKeys] = AttributionKeys  # called each time, because keys change while a slot runs

    def token(self, attribution: Attribution) -> str | None:
        """The token, or None without a key."""
        signing = self.keys().signing
        return None if signing is None else sign(attribution, *signing)


@dataclass(frozen=True, slots=True)
class Slot:
    """Blue or green: its tenants, and what they share."""

    name: SlotName
    credentials: Credentials
    tenants: Mapping[TenantId, TenantSlot]
    user_rows: UserRows
    served: ServedLog
    now: Callable[[], datetime]
    rules: RuleChanges
    metrics: Metrics = field(default_factory=Metrics)
    signer: Signer = Signer()
    tracer: Tracer = NO_TRACES
    code: str = ""  # the revision that the process runs, as code releases name it
    # What the slot waits for before it takes traffic; empty = ready.
    awaited: Callable[[], list[str]] = list
    # Names of stalled background loops; empty = live.
    stalled: Callable[[], list[str]] = list
