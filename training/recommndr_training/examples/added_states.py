"""States of `recommndr.features.added` in a replay: by their own folds, shopper by shopper, because they have no array form."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from recommndr.features import added
from recommndr.features.action import Action
from recommndr.features.arrays.runs import Ints, starts_of
from recommndr_training.data.history import iter_actions

_BLOCK = 50_000  # events that are Python objects at the same time


class AddedStates:
    """For each added group the states of shoppers, as bytes by id."""

    def __init__(self) -> None:
        self._states: dict[str, dict[str, bytes]] = {name: {} for name in added.NAMES}

    def fold(self, tables: Sequence[pa.Table]) -> None:
        """Fold tables of `history.SCHEMA` that hold these shoppers' events."""
        for actions in _by_shopper(tables):
            user_id = actions[0].user_id
            for group in added.groups():
                if taken := [action for action in actions if group.takes(action)]:
                    states = self._states[group.SCHEMA.name]
                    state = group.from_bytes(states[user_id]) if user_id in states else group.EMPTY
                    states[user_id] = group.to_bytes(group.fold(state, taken))

    def of(self, group: str) -> dict[str, bytes]:
        """All states of a group by the shopper's id."""
        return self._states[group]


def _by_shopper(tables: Sequence[pa.Table]) -> Iterator[list[Action]]:
    """Each shopper's actions, in order."""
    if not tables:
        return
    events = pa.concat_tables(tables).combine_chunks()
    users = events["user_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.argsort(users, kind="stable")
    for bounds in _blocks(starts_of(users[order])):
        actions = list(iter_actions(events.take(pa.array(order[bounds[0] : bounds[-1]]))))
        for start, stop in pairwise((bounds - bounds[0]).tolist()):
            yield actions[start:stop]


def _blocks(starts: Ints) -> Iterator[Ints]:
    """The starts in blocks of about `_BLOCK` events that do not split a shopper's."""
    first = 0
    while first < len(starts) - 1:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK, "right")) - 1)
        yield starts[first : last + 1]
        first = last
