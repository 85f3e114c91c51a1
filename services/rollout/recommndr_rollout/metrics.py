"""All instruments of rollout."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from recommndr.release import WEIGHT_TOTAL, Release
from recommndr_rollout.code.record import CodeRelease
from recommndr_rollout.judge import Judged

_HEALTH = {"healthy": 1, "unknown": 0, "failing": -1}


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.routes_changed = Counter(
            "recommndr_rollout_routes_changed", "Times Envoy's routes were replaced", registry=registry
        )
        self._tenants = Gauge("recommndr_rollout_tenants", "Tenants with a release record", registry=registry)
        self._phase = Gauge(
            "recommndr_rollout_phase", "1 for the phase that the tenant's release is in", ["tenant", "phase"], registry=registry
        )
        self._weight = Gauge(
            "recommndr_rollout_weight_ratio",
            "Share of the tenant's shoppers that its release record gives a slot",
            ["tenant", "slot"],
            registry=registry,
        )
        self.waiting = Gauge(
            "recommndr_rollout_waiting", "Tenants whose weights wait for a slot to load a version", registry=registry
        )
        self._lost = Gauge(
            "recommndr_rollout_record_lost",
            "1 while the tenant's release record cannot be read or is gone; its weights stay as they are",
            ["tenant"],
            registry=registry,
        )

        self._code = Gauge(
            "recommndr_rollout_code_phase", "1 for the phase that the code release is in", ["phase"], registry=registry
        )
        self._verdicts = Gauge(
            "recommndr_rollout_verdict",
            "What a rule says of the tenant's release under way: 1 healthy, 0 unknown, -1 failing",
            ["tenant", "rule", "consequence"],
            registry=registry,
        )

    def show_releases(self, releases: Sequence[Release]) -> None:
        """These are the records, and no others."""
        self._tenants.set(len(releases))
        self._phase.clear()
        self._weight.clear()
        for release in releases:
            self._phase.labels(release.tenant, release.phase).set(1)
            for slot, weight in release.weights().items():
                self._weight.labels(release.tenant, slot).set(weight / WEIGHT_TOTAL)

    def show_code(self, code: CodeRelease | None) -> None:
        """This is the record of code releases; None before the first."""
        self._code.clear()
        if code is not None:
            self._code.labels(code.phase).set(1)

    def show_verdicts(self, latest: Mapping[str, Judged]) -> None:
        """These releases are under way, and no others."""
        self._verdicts.clear()
        for tenant, judged in latest.items():
            for one in judged.verdicts:
                self._verdicts.labels(tenant, one.rule, one.consequence).set(_HEALTH[one.health])

    def show_lost(self, tenants: Iterable[str]) -> None:
        """These tenants' records are lost, and no others."""
        self._lost.clear()
        for tenant in tenants:
            self._lost.labels(tenant).set(1)
