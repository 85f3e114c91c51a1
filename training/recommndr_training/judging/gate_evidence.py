"""What the gate judges a method by, from its lists and scores of the gate period."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommndr_engine.arrays import Rows
from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import RANKER
from recommndr_training.examples.rolling import Moment
from recommndr_training.judging.gate import Evidence
from recommndr_training.judging.item_facts import ItemFacts
from recommndr_training.judging.judged import Judged, variety
from recommndr_training.questions import ALL

_ALL_CANDIDATES = 1_000  # more than a request has


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a version beside its lists."""

    facts: ItemFacts
    rmse: float | None  # of the ranker's probabilities


def evidence(judged: Mapping[str, Judged], methods: Mapping[str, str], figures: Figures | None = None) -> Evidence:
    """Of a version that answers the given request sets by these methods."""
    ndcg = {name: each.ndcg[methods[name]] for name, each in judged.items()}
    if figures is None:
        return Evidence(ndcg)
    of_all = methods[ALL]
    return Evidence(ndcg, variety(judged[ALL].lists[of_all], figures.facts), figures.rmse if of_all == RANKER else None)


def probability_error(
    pipeline: Pipeline, moment: Moment, relevant: Mapping[str, Rows], odds_share: float | None
) -> float | None:
    """RMSE of the ranker's probabilities on what shoppers took and on as many of their other candidates, drawn at random.

    The ranker learnt from a share of the negatives (`odds_share`), so its odds are too high by that; an item that was no
    candidate has probability 0. `relevant` has bundle rows by user id. None where scores are no odds, or nobody took anything.
    """
    if odds_share is None or pipeline.ranker is None:
        return None
    random, errors = np.random.default_rng(0), [np.zeros(0)]
    for user_id, wanted in relevant.items():
        found = pipeline.recommend(moment.shoppers[user_id], ListRequest(k=_ALL_CANDIDATES), moment.cut_s, RANKER)
        probability = 1.0 / (1.0 + np.exp(-(found.scores.astype(np.float64) + np.log(odds_share))))
        taken = np.isin(found.rows, wanted)
        others = random.permutation(probability[~taken])[: len(wanted)]
        errors += [1.0 - probability[taken], np.ones(len(wanted) - int(taken.sum())), others]
    squared = np.concatenate(errors) ** 2
    return float(np.sqrt(squared.mean())) if len(squared) else None
