"""Plans a run: from the newest checkpoint or anew, and from which seeds."""

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from recommndr.generation import Generation
from recommndr.kafka_access import KafkaAccess
from recommndr.settings import Settings
from recommndr.topics import EVENTS
from recommndr_flink_jobs import kafka_tables, lineage
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.graph import GRAPH_VERSION
from recommndr_flink_jobs.job import Run
from recommndr_flink_jobs.kafka_log import KafkaLog
from recommndr_flink_jobs.lineage import Lineage, Start
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.sizes import size_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """A run, and whether its states could begin anew without lacking anything."""

    run: Run
    could_begin_anew: bool
    lineage: Lineage


def plan(settings: Settings, folders: Folders, jars: Path, policies: Policies, rebuild: bool) -> Plan:
    """Read Kafka and the checkpoints, decide, and write the run's lineage; raises `WrongPartitions` or `KindsMoved`."""
    newest = None if rebuild else lineage.newest_checkpoint(folders.checkpoints)
    with KafkaLog(settings.kafka) as log:
        log.check_partitions(kafka_tables.READ)
        topic_ids, earliest = log.topic_ids(kafka_tables.READ), log.earliest_event_offsets()
        origin = Origin.of(log.announced(), topic_ids[EVENTS.name])
        complete = origin.all_complete()
        now = Lineage(GRAPH_VERSION, topic_ids, {tenant: policies.own_kinds.get(tenant, ()) for tenant in policies.counting})
        start = Start(None, "--rebuild") if rebuild else lineage.decide(newest, now, complete)
        are_others = newest is not None and newest.lineage.topic_ids != topic_ids
        awaiting = lineage.awaiting_seeds(now, complete, earliest, are_others)
        if newest is not None and start.checkpoint is not None:
            generation, since_s = newest.lineage.outcomes_generation, newest.lineage.outcomes_since_s
            now = replace(now, rows_since_ms=newest.lineage.rows_since_ms)
        else:
            generation = int(time.time())
            now = replace(now, rows_since_ms=int(time.time() * 1_000))
            since_s = lineage.complete_since_s(earliest, log.first_events_at_s(), time.time())
            origin = origin.anew(log.count_seeds(complete), awaiting)
    _tell(start, awaiting)
    run_id = uuid.uuid4().hex
    origin = replace(origin, run_id=run_id, outcomes_generation=generation, outcomes_since_s=since_s)
    checkpoints = folders.checkpoints / run_id
    now = replace(now, outcomes_generation=generation, outcomes_since_s=since_s)
    now.save(checkpoints)
    rest = Rest(settings.host, settings.flink_rest_port, settings.flink_identity_file)
    kafka = kafka_tables.table_options(settings.kafka, folders.kafka_login)
    run = Run(folders, checkpoints, jars, kafka, rest, origin, policies, start.checkpoint, size_of(settings))
    return Plan(run, could_begin_anew=not awaiting, lineage=now)


def complete_seeds(kafka: KafkaAccess) -> Mapping[str, Generation]:
    """The tenants' newest complete seeds."""
    with KafkaLog(kafka) as log:
        return Origin.of(log.announced(), log.topic_ids((EVENTS,))[EVENTS.name]).all_complete()


def _tell(start: Start, awaiting: Mapping[str, str]) -> None:
    if start.checkpoint is not None:
        _log.info("resume %s: %s", start.checkpoint, start.reason)
        return
    _log.info("rebuild from seeds: %s", start.reason)
    for tenant, reason in awaiting.items():
        _log.warning(
            "tenant %s: %s. The features of its shoppers and items stay as they are until new seeds come: publish them "
            "(recommndr seed --publish)",
            tenant, reason,
        )  # fmt: skip
