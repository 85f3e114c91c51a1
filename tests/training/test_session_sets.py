"""Requests inside visits are judged by what came after their own instant, with nothing of it known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from recommndr_engine.arrays import NO_ROW
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import PipelineConfig
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples import examples, rolling
from recommndr_training.examples.takings import Takings
from recommndr_training.judging import session_sets, shopper_sample
from recommndr_training.judging.session_sets import Truth
from recommndr_training.params import DataParams
from recommndr_training.retrieval.retriever_fits import fit_retrievers
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.test_asking import looks, taken
from tests.training.test_examples import DATA, OPTIONS, ORDERS, task

VISITS = looks(ORDERS)
HALF_S = 7 * DAY_S


def at_gate(data: DataParams = DATA) -> DataParams:
    return replace(data, gate_cut=datetime.fromtimestamp(CUT_S, UTC))


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Pipeline]:
    known = task(VISITS).known
    (moment,) = rolling.moments(table(VISITS), DATA, {CUT_S: []})
    live = rolling.live_items_at(task(VISITS), moment)
    yield Pipeline(
        examples.bundle_items(known), fit_retrievers(known, CUT_S, OPTIONS), None, live, PipelineConfig.of_policy(DATA.policy)
    )


def truth_of(orders: list[Order], items: BundleItems) -> tuple[Interactions, Truth]:
    known = Interactions.from_lines(table(orders), DATA.policy)
    return known, Truth(Takings.of(known), items.rows_of(known.item_ids), HALF_S)


def test_what_is_relevant_was_taken_within_half_a_horizon_and_next_is_the_first_of_it(pipeline: Pipeline) -> None:
    known, truth = truth_of(VISITS, pipeline.items)
    rounds = list(session_sets.rounds_of(known, truth, at_gate(), 50))
    requests = [request for one in rounds for request in one.requests]
    assert len({request.at_s for request in requests}) > 20
    assert all(one.at_s <= request.at_s < CUT_S + HALF_S for one in rounds for request in one.requests)
    for request in requests:
        wanted = taken(VISITS, request.user_id, request.at_s, request.at_s + HALF_S)
        assert {pipeline.items.ids[place] for place in truth.within((request, None))} == wanted  # type: ignore[arg-type]
        first = min(o.at_s for o in ORDERS if o.user_id == request.user_id and o.at_s >= request.at_s)
        following = {pipeline.items.ids[place] for place in truth.next((request, None))}  # type: ignore[arg-type]
        assert following == taken(VISITS, request.user_id, first, first + 1.0)


def test_an_item_that_the_bundle_lacks_is_relevant_and_cannot_be_hit(pipeline: Pipeline) -> None:
    _, truth = truth_of([Order("new", "u1", CUT_S + DAY_S, ("unheard-of",))], pipeline.items)
    request = rolling.Request("u1", CUT_S)
    assert truth.next((request, None)).tolist() == [NO_ROW]  # type: ignore[arg-type]


def test_both_sets_judge_the_same_lists_of_every_method(pipeline: Pipeline) -> None:
    found = session_sets.judge_sessions(pipeline, table(VISITS), at_gate(), 60)
    assert set(found) == {session_sets.SESSIONS, session_sets.NEXT_EVENT}
    sessions, following = found[session_sets.SESSIONS], found[session_sets.NEXT_EVENT]
    assert set(sessions.lists) == set(pipeline.methods)
    assert len(sessions.relevant) == len(following.relevant) > 10
    for wanted, first in zip(sessions.relevant, following.relevant, strict=True):
        assert set(first.tolist()) <= set(wanted.tolist())
    assert (sessions.n_events > 0).all()


def test_what_was_just_viewed_is_in_the_list(pipeline: Pipeline) -> None:
    """An hour before each order its first item was viewed: the list of recent items has it, from the request's own state."""
    following = session_sets.judge_sessions(pipeline, table(VISITS), at_gate(), 200)[session_sets.NEXT_EVENT]
    assert following.hits["recent"].any(axis=1).mean() > 0.4


def test_a_gate_period_without_visits_has_no_such_sets(pipeline: Pipeline) -> None:
    past = [order for order in VISITS if order.at_s < CUT_S]
    assert session_sets.judge_sessions(pipeline, table(past), at_gate(), 60) == {}


def test_a_large_gate_period_is_judged_by_a_sample_of_whole_shoppers() -> None:
    lines = table(VISITS)
    known = set(lines["user_id"].unique()[:3])
    some = shopper_sample.of_lines(lines, 5, known)
    assert known < set(some["user_id"])  # few are known: all of them judge, and five others
    assert some["user_id"].nunique() == 8
    assert shopper_sample.of_lines(lines, 2, known)["user_id"].nunique() == 4
    assert len(some) == lines["user_id"].isin(some["user_id"].unique()).sum()
    pd.testing.assert_frame_equal(shopper_sample.of_lines(lines, 100, known), lines)
    assert np.array_equal(
        some.index, shopper_sample.of_lines(lines.sample(frac=1.0, random_state=1), 5, known).index.sort_values()
    )
