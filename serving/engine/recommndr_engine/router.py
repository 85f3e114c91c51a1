"""The router: which retrievers propose candidates, by the length of the shopper's history. All retrievers score."""

from recommndr.bundle import RouterThresholds
from recommndr_engine.retriever import RetrieverSpec


def is_asked(spec: RetrieverSpec, n_events: int, thresholds: RouterThresholds) -> bool:
    """Whether the retriever proposes for a shopper with `n_events` events."""
    return spec.asked_from == "first_event" or n_events >= thresholds.warm_events
