"""The writer of the lake's table of events. It also notes who is to be erased."""

from collections.abc import Callable, Mapping
from datetime import datetime

from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.batch import EventsBatch
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.erasures import Erasure, Erasures
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.dead_letters import DeadLetters
from recommndr_tail.group_inbox import Assignment, Inbox
from recommndr_tail.record import PartitionId


def events_writer(
    inbox: Inbox,
    table: EventsTable,
    dead_letters: DeadLetters,
    policies: Mapping[TenantId, TenantPolicy],
    metrics: Metrics,
    now: Callable[[], datetime],
) -> LakeWriter[EventsBatch]:
    """The writer of a lake's events."""
    erasures = Erasures(table.directory)

    def note(batch: EventsBatch, assigned: Mapping[PartitionId, Assignment]) -> None:
        _note_erasures(erasures, batch, assigned)

    return LakeWriter(inbox, table, dead_letters, lambda: EventsBatch(policies), note, metrics.events, now)


def _note_erasures(erasures: Erasures, batch: EventsBatch, assigned: Mapping[PartitionId, Assignment]) -> None:
    for record, event in batch.erasures:
        erasures.note(
            Erasure(
                event_id=str(event.event_id),
                tenant=event.tenant,
                user_id=event.user_id,
                received_at=event.received_at,
                topic=record.topic,
                topic_id=assigned[record.place].topic_id,
                partition=record.partition,
                offset=record.offset,
            )
        )
