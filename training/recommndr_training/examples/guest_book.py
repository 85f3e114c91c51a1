"""Which guests had become which shoppers, as of instants that only go forward: what a slot reads from a shopper's row."""

from collections import deque
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.features import guests
from recommndr.features.action import IDENTIFY, Action
from recommndr.features.guests import GuestsState
from recommndr_training.data.history import iter_actions


class GuestBook:
    """Takes the logins of a history in the order in which they were known."""

    def __init__(self) -> None:
        self._coming: deque[tuple[float, Action]] = deque()
        self._states: dict[str, GuestsState] = {}

    def take(self, events: pa.Table) -> pa.Table:
        """The events (`history.SCHEMA`) without the logins, which are kept."""
        is_login = pc.equal(events["kind"], IDENTIFY)
        if not pc.any(is_login).as_py():
            return events
        theirs = events.filter(is_login)
        self._coming.extend(zip(theirs["known_s"].to_pylist(), iter_actions(theirs), strict=True))
        return events.filter(pc.invert(is_login))

    def guest_ids(self, user_id: str, at_s: float) -> list[str]:
        """The shopper's guests that were known before `at_s`, which is not before that of any earlier call."""
        self._fold_before(at_s)
        return [guest.guest_id for guest in self._states.get(user_id, guests.EMPTY)]

    def states(self) -> Iterator[tuple[str, bytes]]:
        """The state of every shopper with guests after all that was taken, as bytes of its group, by id."""
        self._fold_before(np.inf)
        for user_id, state in sorted(self._states.items()):
            if state:
                yield user_id, guests.to_bytes(state)

    def _fold_before(self, at_s: float) -> None:
        while self._coming and self._coming[0][0] < at_s:
            _, login = self._coming.popleft()
            self._states[login.user_id] = guests.fold(self._states.get(login.user_id, guests.EMPTY), (login,))
