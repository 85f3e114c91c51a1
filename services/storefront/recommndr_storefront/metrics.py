"""All instruments of the storefront."""

from prometheus_client import CollectorRegistry, Counter, ProcessCollector


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "recommndr_storefront_requests",
            "Requests by target (page, asset, shops, session, figures, series, code, move, sign-in, probe) and status",
            ["asked", "status"],
            registry=registry,
        )
