"""Ranker inputs of logged answers, computed again from a replay of history to the same instants, with the engine's own code.

History is replayed once. Before each answer its shopper and the items are as they were known then; the bundle, the catalogue
and the request are the answer's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from recommndr.counting import Counting
from recommndr.features import shopper
from recommndr.features.shopper import ShopperRow
from recommndr.served_answer import Floats, ServedAnswer
from recommndr_engine.filters import ItemFilters
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_training.examples.replay import Replay, Request
from recommndr_training.examples.shard_pool import ShardPool
from recommndr_training.live.consistency import Compared
from recommndr_training.live.served_topic import Served

_NOBODY = shopper.read({})


class NotReplayed(LookupError):
    """The replay does not have what was logged."""


class _Look(NamedTuple):
    """One answer, with what was known before an instant."""

    known_s: float
    number: int  # of the answer


@dataclass(slots=True)
class ReplayedInputs:
    """Goes through history once. `pipelines` are those of the answers' bundles, all over `live`."""

    pipelines: Mapping[str, Pipeline]
    live: LiveItems
    counting: Counting
    lag_s: float
    _states: dict[str, bytes] = field(default_factory=dict)  # of items, as `live` has them
    n_left_out: int = 0

    def compared(
        self, served: Sequence[Served], events: Iterable[pa.Table], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Compared]:
        """Every answer of which both replays have the drawn candidate; the others are counted."""
        found: dict[int, list[Floats]] = {}
        looks = sorted(
            _Look(one.answer.at_s - back_s, number) for number, one in enumerate(served) for back_s in (self.lag_s, 0.0)
        )
        pool = ShardPool.of_shoppers(self.counting, {one.user_id for one in served})
        with Replay(events, pool, progress) as replay:
            for known_s, number in looks:
                row = self._as_known(replay, Request(served[number].user_id, known_s))
                try:
                    found.setdefault(number, []).append(self._inputs(served[number].answer, row))
                except NotReplayed:
                    self.n_left_out += len(found.setdefault(number, [])) == 0  # once per answer
                if len(found[number]) == 2:
                    yield self._compared(served[number].answer, *found.pop(number))

    def _as_known(self, replay: Replay, request: Request) -> ShopperRow:
        """The shopper's row before the instant; `live` then has the items as of it."""
        ((_, row),) = replay.rows_at([request])
        changed = {item_id: state for item_id, state in replay.items() if self._states.get(item_id) is not state}
        if changed:
            self._states |= changed
            self.live.apply_features(list(changed), list(changed.values()))
        return _NOBODY if row is None else row

    def _inputs(self, answer: ServedAnswer, row: ShopperRow) -> Floats:
        pipeline = self.pipelines[answer.model_version or ""]
        row = replace(row, **answer.asked.get("context", {}))
        opened = pipeline.open(pipeline.shopper(row, answer.at_s))
        found = pipeline.retrieve(opened, pipeline.allowed(_request(answer.asked), answer.at_s, row))
        places = np.flatnonzero(found.candidates.rows == pipeline.items.row(answer.drawn_item_id or ""))
        if not len(places):
            raise NotReplayed(answer.request_id)
        inputs: Floats = pipeline.inputs(opened.shopper, found)[places[0]]
        return inputs.copy()

    def _compared(self, answer: ServedAnswer, before: Floats, known: Floats) -> Compared:
        if answer.drawn_inputs is None:
            raise ValueError(f"answer {answer.request_id}: expected a drawn candidate with its inputs")
        return Compared(answer.request_id, answer.columns, answer.drawn_inputs, known, before)


def _request(asked: Mapping[str, Any]) -> ListRequest:
    filters = {name: value for name, value in asked.get("filters", {}).items() if name != "available"}
    if "category" in filters:
        filters["category"] = tuple(filters["category"])
    return ListRequest(
        scope=asked.get("scope", "mixed"), exclude=tuple(asked.get("exclude", ())), filters=ItemFilters(**filters)
    )
