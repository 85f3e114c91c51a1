"""Every method's lists for one set of requests, and the figures of them. Pure: arrays in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recommndr.bundle import RouterThresholds
from recommndr_engine import list_metrics as metrics
from recommndr_engine.arrays import NO_ROW, Mask, Rows
from recommndr_engine.pipeline import POPULARITY
from recommndr_engine.pipeline_config import RANKER
from recommndr_engine.retrievers.category_affinity import CategoryAffinity
from recommndr_engine.retrievers.popular_now import PopularNow, Trending
from recommndr_engine.retrievers.popularity import FirstPurchases
from recommndr_engine.retrievers.segment_popularity import SegmentPopularity
from recommndr_training.judging.item_facts import ItemFacts

CUTS = (5, 10, 20)
LENGTH = max(CUTS)  # of the lists that are asked for
K = 10  # of the main figures
WARM_EVENTS = RouterThresholds().warm_events
HOT_EVENTS = 50
# What a shop can show without knowing the shopper well: best-sellers of all kinds, those of the same place and device, and
# those of the categories just looked at.
CONTEXTUAL = (
    POPULARITY,
    PopularNow.name,
    Trending.name,
    FirstPurchases.name,
    SegmentPopularity.name,
    CategoryAffinity.name,
)
_BY_CUT = {
    "ndcg": metrics.ndcg_at_k,
    "precision": metrics.precision_at_k,
    "recall": metrics.recall_at_k,
    "map": metrics.average_precision_at_k,
    "mrr": metrics.reciprocal_rank_at_k,
    "hit_rate": metrics.hit_rate_at_k,
}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Every method's lists for the shoppers of one request set."""

    lists: Mapping[str, Rows]  # by method, (n_users, LENGTH) bundle rows, NO_ROW = empty place
    relevant: Sequence[Rows]  # per user, distinct; NO_ROW stands for items that are not in the bundle
    n_events: npt.NDArray[np.int64]  # (n_users,) before the cut

    @cached_property
    def n_relevant(self) -> npt.NDArray[np.int64]:
        """(n_users,) number of relevant items."""
        return np.array([len(wanted) for wanted in self.relevant], np.int64)

    @cached_property
    def hits(self) -> dict[str, Mask]:
        """By method: (n_users, LENGTH) which places hold a relevant item."""
        users, wanted = np.repeat(np.arange(len(self.relevant)), self.n_relevant), np.concatenate(self.relevant)
        keys = _keys(users, wanted)[wanted != NO_ROW]
        places = np.arange(len(self.relevant))[:, np.newaxis]
        return {name: np.isin(_keys(places, rows), keys) & (rows != NO_ROW) for name, rows in self.lists.items()}

    @cached_property
    def ndcg(self) -> dict[str, Floats]:
        """By method: (n_users,) NDCG@10."""
        return {method: metrics.ndcg_at_k(hits, self.n_relevant, K) for method, hits in self.hits.items()}

    def segments(self) -> dict[str, Mask]:
        """By name: (n_users,) who is in it, by events before the cut: cold has 1 to 4, warm up to 49, hot 50 and more."""
        n = self.n_events
        return {"cold": (n > 0) & (n < WARM_EVENTS), "warm": (n >= WARM_EVENTS) & (n < HOT_EVENTS), "hot": n >= HOT_EVENTS}

    def judged_by(self, counted: Mask, unknown: bool) -> "Judged":
        """The same lists judged by the items of `counted` (n_items,) alone, for shoppers who took any of them.

        `unknown` says whether items that are not in the bundle count.
        """
        relevant = [wanted[np.where(wanted == NO_ROW, unknown, counted[wanted])] for wanted in self.relevant]
        kept = np.flatnonzero([len(wanted) for wanted in relevant])
        lists = {method: rows[kept] for method, rows in self.lists.items()}
        return Judged(lists, [relevant[user] for user in kept], self.n_events[kept])


def padded(rows: Rows) -> Rows:
    """(LENGTH,) a list with `NO_ROW` in the empty places at its end."""
    return np.concatenate([rows, np.full(LENGTH - len(rows), NO_ROW, np.int32)])


def _keys(users: npt.NDArray[np.int64], rows: Rows) -> npt.NDArray[np.int64]:
    """One number for each pair of shopper and item."""
    keys: npt.NDArray[np.int64] = (users << 32) + rows
    return keys


def figures(judged: Judged, facts: ItemFacts, best_single: str, n_draws: int) -> dict[str, Any]:
    """Figures of one set: by method, by segment, and the paired difference between the ranker, if any, and the best single."""
    ndcg, reachable = judged.ndcg, np.minimum(judged.n_relevant, K)
    found: dict[str, Any] = {
        "shoppers": len(judged.relevant),
        "best_possible_precision@10": float(reachable.mean() / K),
        "best_possible_map@10": float((reachable / judged.n_relevant).mean()),
        "methods": {method: _method(judged, method, facts, n_draws) for method in judged.lists},
        "segments": _segments(judged, facts, RANKER if RANKER in ndcg else best_single, n_draws),
        "best_single_on_tuning": best_single,
    }
    if RANKER in ndcg:
        found["ranker_minus_best_single"] = minus(ndcg[RANKER], ndcg[best_single], n_draws)
    return found


def minus(ours: Floats, theirs: Floats, n_draws: int) -> dict[str, float]:
    """The mean of the paired differences with its 95 % interval."""
    low, high = metrics.bootstrap_interval(ours - theirs, n_draws)
    return {"ndcg@10": float((ours - theirs).mean()), "low": low, "high": high}


def _method(judged: Judged, method: str, facts: ItemFacts, n_draws: int) -> dict[str, float]:
    hits, n_relevant = judged.hits[method], judged.n_relevant
    low, high = metrics.bootstrap_interval(judged.ndcg[method], n_draws)
    found = {f"{name}@{k}": float(metric(hits, n_relevant, k).mean()) for k in CUTS for name, metric in _BY_CUT.items()}
    found |= {"ndcg@10_low": low, "ndcg@10_high": high}
    found |= {f"{name}@10": value for name, value in variety(judged.lists[method], facts).items()}
    return found | {"popularity_lift@10": _popularity_lift(judged, method, facts)}


def variety(lists: Rows, facts: ItemFacts) -> dict[str, float]:
    """What the first ten places show, whatever is relevant."""
    top = lists[:, :K]
    return {
        "coverage": metrics.coverage(top, len(facts.share)),
        "diversity": metrics.diversity(top, facts.paths),
        "novelty": metrics.novelty(top, facts.share),
    }


def _popularity_lift(judged: Judged, method: str, facts: ItemFacts) -> float:
    """How much more popular the shown items are than those that the same shoppers then took: 0 = as popular, 1 = twice.

    Where they took only items without a history, nothing can be compared: 0.
    """
    width = int(judged.n_relevant.max())
    taken = np.full((len(judged.relevant), width), NO_ROW, np.int32)
    taken[np.arange(width) < judged.n_relevant[:, np.newaxis]] = np.concatenate(judged.relevant)
    consumed = metrics.mean_popularity(taken, facts.share)
    shown = metrics.mean_popularity(judged.lists[method][:, :K], facts.share)
    return shown / consumed - 1.0 if consumed else 0.0


def _segments(judged: Judged, facts: ItemFacts, ours: str, n_draws: int) -> dict[str, Any]:
    """NDCG@10 by method in each segment that has shoppers: by their history, then by the items that are relevant.

    With the paired difference between `ours` and the best contextual popularity of the segment.
    """
    parts = {name: (judged, mask) for name, mask in judged.segments().items()}
    by_relevant = (("long_tail", facts.long_tail, True), ("new_items", facts.new, False), ("untouched", facts.untouched, False))
    for name, items, unknown in by_relevant:
        by_items = judged.judged_by(items, unknown)
        parts[name] = (by_items, np.ones(len(by_items.relevant), np.bool_))
    return {
        name: {
            "shoppers": int(mask.sum()),
            "ndcg@10": {method: float(values[mask].mean()) for method, values in part.ndcg.items()},
        }
        | _over_popularity({method: values[mask] for method, values in part.ndcg.items()}, ours, n_draws)
        for name, (part, mask) in parts.items()
        if mask.any()
    }


def _over_popularity(ndcg: Mapping[str, Floats], ours: str, n_draws: int) -> dict[str, Any]:
    rivals = {method: float(ndcg[method].mean()) for method in CONTEXTUAL if method in ndcg and method != ours}
    if not rivals:
        return {}
    best = max(rivals, key=lambda method: rivals[method])
    return {"popularity_gain": {"of": ours, "over": best, **minus(ndcg[ours], ndcg[best], n_draws)}}
