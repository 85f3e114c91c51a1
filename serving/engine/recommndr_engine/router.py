"""Which retrievers propose for whom, by how long the shopper's history is. All of them score, whoever is asked."""

from recommndr.bundle import RouterThresholds

# Buy again is asked from the first event on: it has nothing to say before the first purchase, and is the best there is after.
_COLD = frozenset({"buy_again", "neighbours", "co_visits", "popularity", "first_purchases", "recent"})
_WARM = _COLD | {"als"}


def asked(n_events: int, thresholds: RouterThresholds) -> frozenset[str] | None:
    """Names of the retrievers to ask; None means all."""
    if n_events < thresholds.warm_events:
        return _COLD
    if n_events < thresholds.hot_events:
        return _WARM
    return None
