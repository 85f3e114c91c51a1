"""Events on their way: which are sent next, and what each answer means; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recommndr_client.api_types import EventOutcome, EventOutcomes

MOST = 500  # events of one request
_AGAIN = {429, 503}


@dataclass
class Delivery:
    """Sends each event until it is taken or refused for good, at most `attempts` times."""

    events: Iterable[Mapping[str, Any]]
    attempts: int = 5
    refused: list[EventOutcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = [(dict(one), 0) for one in self.events]
        self._sent: list[tuple[dict[str, Any], int]] = []

    def next(self) -> list[dict[str, Any]]:
        """The events of the next request; none when all are through."""
        self._sent, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        return [one for one, _ in self._sent]

    def took(self, outcomes: EventOutcomes) -> bool:
        """Note an answer; True if something has to be sent again after a while."""
        told = list(zip(self._sent, outcomes["results"], strict=True))
        again = [(event, n + 1) for (event, n), one in told if one["status"] in _AGAIN and n + 1 < self.attempts]
        retried = {event["event_id"] for event, _ in again}
        self.refused += [one for (event, _), one in told if one["status"] != 202 and event["event_id"] not in retried]
        self._waiting = again + self._waiting
        return bool(again)

    def failed(self) -> bool:
        """Note that there was no answer; False if the events of that request have had all their attempts."""
        self._waiting = [(event, n + 1) for event, n in self._sent] + self._waiting
        return all(n < self.attempts for _, n in self._waiting)
