"""Which retrievers propose for whom, by how long the shopper's history is. All of them score, whoever is asked."""

from recommndr.bundle import RouterThresholds
from recommndr_engine.retriever import RetrieverSpec


def is_asked(spec: RetrieverSpec, n_events: int, thresholds: RouterThresholds) -> bool:
    """Whether the retriever proposes for a shopper with `n_events` events."""
    return spec.asked_from == "first_event" or n_events >= thresholds.warm_events
