"""Watches whether the job has caught up, and tells it."""

import logging
import time

from kafka.errors import KafkaError

from recommndr.kafka_access import KafkaAccess
from recommndr_flink_jobs.job import Job, Run
from recommndr_flink_jobs.kafka_log import tell_caught_up

_log = logging.getLogger(__name__)

_LOOK_EVERY_S, _LOOKS = 3.0, 2


class CatchingUp:
    """Tells the job when it has read what there was: twice in a row, some seconds apart, its sources know of no more."""

    def __init__(self, kafka: KafkaAccess, running: Job, run: Run) -> None:
        self._kafka, self._running, self._run_id = kafka, running, run.origin.run_id
        self._look_at_s = time.monotonic() + _LOOK_EVERY_S
        self._n_empty = 0
        self.told = False

    def step(self) -> None:
        """Look when it is time, which costs Java and us some TLS requests."""
        if self.told or time.monotonic() < self._look_at_s:
            return
        self._look_at_s += _LOOK_EVERY_S
        self._n_empty = 0 if self._running.n_pending() else self._n_empty + 1
        if self._n_empty < _LOOKS:
            return
        try:
            tell_caught_up(self._kafka, self._run_id)
        except KafkaError as cause:
            _log.warning("the job cannot be told that it has caught up, and will be told later: %r", cause)
            return
        self.told = True
        _log.info("the job has caught up")
