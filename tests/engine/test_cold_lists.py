"""Shoppers without history are judged by the list that a slot gives them."""

import numpy as np
import pytest

from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import POPULARITY, Pipeline
from recommndr_engine.retrievers.popular_now import PopularNow
from recommndr_engine.retrievers.segment_popularity import SegmentPopularity
from recommndr_training.judging.evaluate import judge_all
from recommndr_training.judging.judged import CONTEXTUAL, LENGTH
from recommndr_training.judging.request_sets import COLD, RequestSet
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, catalog_item, item_id

NOW_S = NOW.timestamp()


@pytest.fixture
def pipeline(bundle: WrittenBundle) -> Pipeline:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    return Pipeline.read(bundle.directory, bundle.manifest, live)


def test_shoppers_without_history_are_judged_by_the_best_sellers_they_get(pipeline: Pipeline) -> None:
    shown = pipeline.recommend(None, ListRequest(k=LENGTH), NOW_S).rows
    relevant = {"u1": shown[:1], "u2": shown[1:2]}
    judged = judge_all(pipeline, {}, {COLD: RequestSet("mixed", relevant), "all": RequestSet("mixed", {})}, NOW_S)
    assert set(judged) == {COLD}
    lists = judged[COLD].lists[POPULARITY]
    assert [row[: len(shown)].tolist() for row in lists] == [shown.tolist()] * 2
    assert judged[COLD].ndcg[POPULARITY] == pytest.approx([1.0, 1 / np.log2(3)])
    assert set(judged[COLD].lists) == set(CONTEXTUAL)


def test_popularity_of_their_country_is_judged_where_their_request_says_it(pipeline: Pipeline) -> None:
    relevant = {name: np.array([0], np.int32) for name in ("austrian", "german", "nobody")}
    contexts = {"austrian": ("", "", "AT", ""), "german": ("", "", "DE", "")}
    judged = judge_all(pipeline, {}, {COLD: RequestSet("mixed", relevant, contexts)}, NOW_S)[COLD]
    austrian, german, nobody = judged.lists[SegmentPopularity.name][:, :4].tolist()
    assert (austrian, german) == ([0, 2, 4, 6], [1, 3, 5, 7])
    assert nobody == judged.lists[PopularNow.name][2, :4].tolist()
