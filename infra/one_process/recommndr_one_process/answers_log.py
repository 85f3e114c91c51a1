"""The log of answers: they join the event log's transactions, and go from there to the lake. No answer waits for it."""

import time
from collections.abc import Callable

from recommndr.identity import entity_key
from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_collector.event_log import Record
from recommndr_one_process.event_log import SqliteEventLog
from recommndr_serving.live.named_columns import NamedColumns
from recommndr_serving.metrics import Metrics


class AnswersLog:
    """A `ServedLog`. Answers for which the event log has no room are dropped and counted."""

    def __init__(self, log: SqliteEventLog, metrics: Metrics, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._log, self._metrics = log, metrics
        self._names = NamedColumns(monotonic_s)

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """See `ServedLog.note`."""
        names_are_due = self._names.are_due(answer)
        try:
            record = Record(SERVED.name, entity_key(tenant, user_id), answer.to_bytes(named=names_are_due))
        except (TypeError, ValueError, OverflowError):
            taken = False
        else:
            taken = self._log.enqueue(record)
        self._metrics.served.labels("written" if taken else "dropped").inc()
        if taken and names_are_due:
            self._names.were_written(answer)
