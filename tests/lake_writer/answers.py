"""Records of the topic of answers, in memory, and the table that they end in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.served_batch import ServedBatch
from recommndr_lake_writer.served_rows import answer_of
from recommndr_lake_writer.served_table import ColumnNames, Named, stored_answers
from recommndr_lake_writer.served_writer import served_writer
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.group_inbox import InMemoryInbox
from recommndr_tail.record import TopicRecord
from tests.lake_writer.topic import NOW
from tests.recommndr.served_answers import AN_ANSWER

Given = tuple[str, ServedAnswer]  # a shopper's key and the answer


def answer(number: int, at: datetime = NOW, **changes: Any) -> ServedAnswer:
    return replace(AN_ANSWER, request_id=f"r{number}", at_s=at.timestamp(), **changes)


def records(given: Sequence[Given], partitions: int = 2) -> list[TopicRecord]:
    """The answers spread over partitions in turn."""
    return [
        TopicRecord(SERVED.name, place % partitions, place // partitions, key.encode(), one.to_bytes(), one.at_s)
        for place, (key, one) in enumerate(given)
    ]


def writer(lake: Path, found: list[TopicRecord], batch: int = 100) -> tuple[LakeWriter[ServedBatch], InMemoryDeadLetters]:
    """A new process over the topic and the lake."""
    letters, places = InMemoryDeadLetters(), {(SERVED.name, partition) for partition in range(2)}
    inbox = InMemoryInbox(found, places, batch)
    return served_writer(inbox, lake, letters, Metrics(CollectorRegistry()), lambda: NOW), letters


def written(lake: Path, given: Sequence[Given]) -> None:
    """All of a topic, committed."""
    one, _ = writer(lake, records(given))
    for _ in range(2 + len(given) // 100):
        one.step()
    one.commit()


def stored(lake: Path, tenant: str = "grocer") -> list[Given]:
    """What the table has of a tenant, oldest first, with the names of the inputs."""
    names, found = ColumnNames(lake), []
    since, until = NOW - timedelta(days=400), NOW + timedelta(days=400)
    for day in stored_answers(lake, tenant, since.astimezone(UTC), until.astimezone(UTC)):
        for row in day.to_pylist():
            named = names.of(row["model_version"] or "") or Named((), ())
            found.append((f"{tenant}|{row['user_id']}", answer_of(row, named.columns, named.retrievers)))
    return found
