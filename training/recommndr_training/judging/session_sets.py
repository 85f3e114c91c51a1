"""Requests inside visits of the gate period, each at its own instant: the sets `sessions` and `next_event` of the evaluation.

Requests are just after an event that was no purchase, and just before the first event of a known shopper's visit: a sample
of all such instants in the first half of the gate period. Shoppers are as of the request, item counters as of an instant before
it, and retrievers as of the cut, as in a shop between two trainings. `sessions` judges by what the target event happens to
within half a horizon, `next_event` by the items of the next target event alone. Intervals are over requests; a shopper may have
several.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from recommndr.features import item
from recommndr_engine.arrays import Rows
from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.logins import NO_LOGINS
from recommndr_training.examples import rolling
from recommndr_training.examples.asking import Period, in_sessions
from recommndr_training.examples.examples import Answered
from recommndr_training.examples.rolling import Moment, Round
from recommndr_training.examples.takings import Takings
from recommndr_training.judging.judged import LENGTH, Judged, padded
from recommndr_training.params import DataParams

SESSIONS, NEXT_EVENT = "sessions", "next_event"
_N_ITEM_INSTANTS = 6  # how often item counters are brought up to date


@dataclass(frozen=True, slots=True)
class Truth:
    """What the shoppers took, in the rows of a bundle."""

    takings: Takings
    rows: Rows  # (n items of the log,) bundle row, NO_ROW for items that the bundle does not have
    horizon_s: float

    def within(self, one: Answered) -> Rows:
        """All that the request's shopper took within the horizon."""
        return self._rows(self.takings.within(self._user(one), one[0].at_s, one[0].at_s + self.horizon_s))

    def next(self, one: Answered) -> Rows:
        """The items of the next target event."""
        return self._rows(self.takings.next(self._user(one), one[0].at_s))

    def _user(self, one: Answered) -> int:
        return self.takings.row_of[one[0].user_id]

    def _rows(self, items: Rows) -> Rows:
        found: Rows = np.unique(self.rows[items])
        return found


def judge_sessions(
    pipeline: Pipeline, lines: pd.DataFrame, data: DataParams, n_requests: int, identified: pa.Table = NO_LOGINS
) -> dict[str, Judged]:
    """Every method's lists for a sample of `n_requests`, of train and gate `lines`; changes the pipeline's live items.

    `identified` are the logins beside the lines.
    """
    known = Interactions.from_lines(lines, data.policy)
    horizon_s = (data.gate_end_s - data.gate_cut_s) / 2
    truth = Truth(Takings.of(known), pipeline.items.rows_of(known.item_ids), horizon_s)
    rounds = list(rounds_of(known, truth, data, n_requests))
    return judge(pipeline, rolling.moments_of(lines, data, rounds, identified), truth)


def rounds_of(known: Interactions, truth: Truth, data: DataParams, n_requests: int) -> Iterator[Round]:
    """The sample, by the instant that item counters are as of."""
    period = Period(data.gate_cut_s, data.gate_end_s, data.gate_end_s)
    every = in_sessions(known, truth.takings, period, truth.horizon_s)
    chosen = np.random.default_rng(0).permutation(len(every))[:n_requests]
    requests = every.taken(chosen).requests(known.user_ids)
    starts = np.linspace(data.gate_cut_s, data.gate_cut_s + truth.horizon_s, _N_ITEM_INSTANTS, endpoint=False)
    places = np.searchsorted(starts, [request.at_s for request in requests], "right") - 1
    for place, at_s in enumerate(starts.tolist()):
        yield Round(data.gate_cut_s, at_s, [requests[number] for number in np.flatnonzero(places == place)])


def judge(pipeline: Pipeline, moments: Iterable[Moment], truth: Truth) -> dict[str, Judged]:
    """Ask every method at every request."""
    lists: list[list[Rows]] = []
    asked: list[Answered] = []
    for moment in moments:
        pipeline.live.apply_features(moment.item_ids, item.values(moment.item_records))
        lists += _lists(pipeline, moment.asked)
        asked += moment.asked
    if not asked:
        return {}
    by_method = {method: np.array([of_one[place] for of_one in lists]) for place, method in enumerate(pipeline.methods)}
    n_events = np.array([row.n_events for _, row in asked], np.int64)
    return {
        SESSIONS: Judged(by_method, [truth.within(one) for one in asked], n_events),
        NEXT_EVENT: Judged(by_method, [truth.next(one) for one in asked], n_events),
    }


def _lists(pipeline: Pipeline, asked: Sequence[Answered]) -> Iterator[list[Rows]]:
    """For each request the list of each method."""
    opened = pipeline.open_many(pipeline.shopper(row, request.at_s) for request, row in asked)
    for one in opened:
        made = pipeline.lists(one, ListRequest(k=LENGTH), pipeline.methods)
        yield [padded(each.rows) for each in made]
