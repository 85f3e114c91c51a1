"""All instruments of rollout."""

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.ticks = Counter("recommndr_rollout_ticks", "Ticks by outcome: done or failed", ["outcome"], registry=registry)
        self.routes_changed = Counter(
            "recommndr_rollout_routes_changed", "Times Envoy's routes were replaced", registry=registry
        )
        self.tenants = Gauge("recommndr_rollout_tenants", "Tenants with a release record", registry=registry)
        self.waiting = Gauge(
            "recommndr_rollout_waiting", "Tenants whose weights wait for a slot to load a version", registry=registry
        )
        for outcome in ("done", "failed"):
            self.ticks.labels(outcome)
