"""Deletes rows of entities that left while the job had no states.

When the job has begun anew and shows its states, every entity that it knows has been written since. Older rows are looked up by
the process that watches the job, and called by a note each. The bucket answers with a tombstone if it knows nothing of the
entity: it decides in the order of its events, so that nobody who comes back meanwhile is deleted.
"""

import logging
from dataclasses import replace

from kafka.errors import KafkaError

from recommndr.identity import split_key
from recommndr.kafka_access import KafkaAccess
from recommndr_flink_jobs import kafka_log, lineage, notes
from recommndr_flink_jobs.job import Run
from recommndr_flink_jobs.kafka_log import KafkaLog
from recommndr_flink_jobs.lineage import Lineage
from recommndr_flink_jobs.takeover import TOPICS

_log = logging.getLogger(__name__)

# After the job was told that it has caught up: the first may have begun before a bucket heard it, and no checkpoint is made
# while a bucket shows its states. The sink has written what came before a checkpoint.
_CHECKPOINTS = 3


class RollCall:
    """Calls the entities with older rows, once after the states began anew, also if a later run has to."""

    def __init__(self, kafka: KafkaAccess, run: Run, of_run: Lineage) -> None:
        self._kafka, self._run, self._lineage = kafka, run, of_run
        self._begin_at: int | None = None

    def step(self) -> None:
        """Call them when it is time; after that there is nothing to do."""
        if not self._lineage.rows_since_ms:
            return
        n_checkpoints = lineage.n_checkpoints(self._run.checkpoints)
        self._begin_at = self._begin_at or n_checkpoints + _CHECKPOINTS
        if n_checkpoints < self._begin_at:
            return
        try:
            n_called = self._call()
        except KafkaError as cause:
            _log.warning("rows of entities that left cannot be looked up, and will be later: %r", cause)
            return
        self._lineage = replace(self._lineage, rows_since_ms=0)
        self._lineage.save(self._run.checkpoints)
        _log.info("%d rows are older than the states, and were looked up", n_called)

    def _call(self) -> int:
        called: list[tuple[bytes, bytes]] = []
        with KafkaLog(self._kafka) as log:
            for name, topic in TOPICS.items():
                keys = log.older_rows(topic, self._lineage.rows_since_ms)
                called += [(key, notes.of_call(name)) for key in keys if split_key(key)[0] not in self._run.origin.awaiting]
        kafka_log.write_notes(self._kafka, called)
        return len(called)
