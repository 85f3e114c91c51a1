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
from recommndr_engine.visit import Visit
from recommndr_training.examples.replay import Replay, Request
from recommndr_training.examples.shard_pool import ShardPool
from recommndr_training.live.consistency import Compared
from recommndr_training.live.served_topic import Served

_NOBODY = shopper.read({})


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
    n_in_flight: int = 0
    n_left_out: int = 0
    _states: dict[str, bytes] = field(default_factory=dict)  # of items, as `live` has them

    def compared(
        self, served: Sequence[Served], events: Iterable[pa.Table], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Compared]:
        """The answers whose candidate both replays have, but for those of shoppers who did something just before.

        While an event is on its way, a slot may know it of the shopper and not of the items, or the other way round.
        """
        before: dict[int, tuple[int, Floats | None]] = {}
        looks = sorted(
            _Look(one.answer.at_s - back_s, number) for number, one in enumerate(served) for back_s in (self.lag_s, 0.0)
        )
        # All shoppers: any of them may be a guest who became one of those who asked.
        with Replay(events, ShardPool.start(self.counting), progress) as replay:
            for known_s, number in looks:
                user_id, answer = served[number]
                row = self._as_known(replay, Request(user_id, known_s))
                inputs = self._inputs(answer, row)
                if number not in before:
                    before[number] = row.n_events, inputs
                    continue
                n_events, earlier = before.pop(number)
                if n_events != row.n_events:
                    self.n_in_flight += 1
                elif inputs is None or earlier is None or answer.drawn_inputs is None:
                    self.n_left_out += 1
                else:
                    yield Compared(answer.request_id, answer.columns, answer.drawn_inputs, inputs, earlier)

    def _as_known(self, replay: Replay, request: Request) -> ShopperRow:
        """The shopper's row before the instant; `live` then has the items as of it."""
        ((_, row),) = replay.rows_at([request])
        changed = {item_id: state for item_id, state in replay.items() if self._states.get(item_id) is not state}
        if changed:
            self._states |= changed
            self.live.apply_features(list(changed), list(changed.values()))
        return _NOBODY if row is None else row

    def _inputs(self, answer: ServedAnswer, row: ShopperRow) -> Floats | None:
        """Inputs of the drawn candidate; None where the replay does not propose it, or not among the same."""
        if answer.asked.get("rules"):  # the shop's business rules changed the candidates
            return None
        pipeline = self.pipelines[answer.model_version or ""]
        row = replace(row, **answer.asked.get("context", {}))
        row = _visit(answer.asked).added_to(row, answer.at_s, self.counting)
        opened = pipeline.open(pipeline.shopper(row, answer.at_s))
        found = pipeline.retrieve(opened, pipeline.allowed(_request(answer.asked), answer.at_s, row))
        places = np.flatnonzero(found.candidates.rows == pipeline.items.row(answer.drawn_item_id or ""))
        return pipeline.inputs(opened.shopper, found)[places[0]].copy() if len(places) else None


def _request(asked: Mapping[str, Any]) -> ListRequest:
    filters = {name: value for name, value in asked.get("filters", {}).items() if name != "available"}
    if "category" in filters:
        filters["category"] = tuple(filters["category"])
    return ListRequest(
        scope=asked.get("scope", "mixed"),
        exclude=(*asked.get("exclude", ()), *asked.get("cart", ())),
        filters=ItemFilters(**filters),
    )


def _visit(asked: Mapping[str, Any]) -> Visit:
    return Visit(tuple(asked.get("viewed", ())), tuple(asked.get("cart", ())))
