"""NDCG@10 of the tuning cut's requests when their candidates are ordered by some scores. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recommndr_engine import columns
from recommndr_engine import list_metrics as metrics
from recommndr_engine.arrays import ScoreArray
from recommndr_engine.blend import blend
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.retrievers import BY_NAME
from recommndr_training.examples.examples import Examples
from recommndr_training.relative_gain import Figures, Floats

K = 10
Places = npt.NDArray[np.intp]


def figures(found: Examples, scores: ScoreArray) -> dict[str, Floats]:
    """By question (all items, items new to the shopper): (n_requests,) NDCG@10, NaN for whom nothing is relevant.

    Candidates with a score of -inf are not in the list.
    """
    listed = np.flatnonzero(scores > -np.inf)
    in_lists = listed[_best_first(found.requests[listed], scores[listed])]
    return {
        "all": _ndcg(found, in_lists, found.n_relevant),
        "new": _ndcg(found, in_lists[found.new[in_lists]], found.n_relevant_new),
    }


def means(of_requests: Figures) -> dict[str, float]:
    """The mean of each question's figures as `ndcg_all`, `ndcg_new`; 0 where nothing was relevant: no method is better."""
    return {f"ndcg_{name}": float(np.nanmean(each)) if not np.isnan(each).all() else 0.0 for name, each in of_requests.items()}


def _ndcg(found: Examples, in_lists: Places, n_relevant: npt.NDArray[np.int64]) -> Floats:
    """`in_lists`: the candidates that are listed, list by list, best first."""
    hits = np.zeros((len(found.user_ids), K), np.bool_)
    requests = found.requests[in_lists]
    place = _from_start(requests)
    top = place < K
    hits[requests[top], place[top]] = found.bought[in_lists[top]]
    judged = n_relevant > 0
    ndcg = np.full(len(n_relevant), np.nan)
    ndcg[judged] = metrics.ndcg_at_k(hits[judged], n_relevant[judged], K)
    return ndcg


def places(requests: npt.NDArray[np.int32], scores: ScoreArray) -> Places:
    """(n,) the place of each candidate in the list of its request, by score, from 0; of equals the earlier one is first."""
    order = _best_first(requests, scores)
    found = np.empty(len(order), np.intp)
    found[order] = _from_start(requests[order])
    return found


def _best_first(requests: npt.NDArray[np.int32], scores: ScoreArray) -> Places:
    return np.lexsort((-scores, requests))


def _from_start(requests: npt.NDArray[np.int32]) -> Places:
    """(n,) the place of each in its request; `requests` ascend."""
    starts = np.searchsorted(requests, np.arange(requests.max(initial=-1) + 1))
    return np.arange(len(requests)) - starts[requests]


def single(found: Examples, retriever: str) -> ScoreArray:
    """The scores of one retriever; -inf for candidates that it does not know."""
    scores = found.matrix[:, columns.place(score_column(retriever))]
    return np.where(scores > 0.0, scores, np.float32(-np.inf))


def says_something(found: Examples, retriever: str) -> bool:
    """Whether a retriever proposed or scored any candidate; one that was left out did not."""
    proposed = found.sources & np.uint32(1 << list(BY_NAME).index(retriever))
    return bool(proposed.any() or found.matrix[:, columns.place(score_column(retriever))].any())


def weighted(found: Examples, weights: Mapping[str, float]) -> ScoreArray:
    """The scores that order a list without a ranker (`recommndr_engine.blend`), request by request."""
    scores = {name: found.matrix[:, columns.place(score_column(name))] for name in weights}
    mixed = np.zeros(len(found.requests), np.float32)
    for begin, end in pairwise([*np.flatnonzero(np.diff(found.requests, prepend=-1)).tolist(), len(found.requests)]):
        mixed[begin:end] = blend({name: values[begin:end] for name, values in scores.items()}, weights, end - begin)
    return mixed


def of_some(found: Examples, n_shoppers: int, seed: int) -> Examples:
    """The requests of `n_shoppers` drawn at random; all of them where there are fewer."""
    n = len(found.user_ids)
    if n <= n_shoppers:
        return found
    taken = np.sort(np.random.default_rng(seed).permutation(n)[:n_shoppers])
    place = np.full(n, -1, np.int32)
    place[taken] = np.arange(n_shoppers)
    rows = place[found.requests] >= 0
    return replace(
        found.where(rows),
        requests=place[found.requests[rows]],
        user_ids=[found.user_ids[user] for user in taken],
        n_relevant=found.n_relevant[taken],
        n_relevant_new=found.n_relevant_new[taken],
    )
