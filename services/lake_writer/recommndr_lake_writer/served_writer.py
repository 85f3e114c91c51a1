"""The writer of the lake's table of answers. It also keeps the names of ranker inputs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from recommndr_lake_writer.erased_shoppers import ErasedShoppers
from recommndr_lake_writer.erasures import Erasures
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.served_batch import ServedBatch
from recommndr_lake_writer.served_table import ColumnNames, ServedTable
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.dead_letters import DeadLetters
from recommndr_tail.group_inbox import Assignment, Inbox
from recommndr_tail.record import PartitionId


def served_writer(
    inbox: Inbox, lake_dir: Path, dead_letters: DeadLetters, metrics: Metrics, now: Callable[[], datetime]
) -> LakeWriter[ServedBatch]:
    """The writer of a lake's answers."""
    names, erased = ColumnNames(lake_dir), ErasedShoppers(Erasures(lake_dir))

    def note(batch: ServedBatch, _assigned: Mapping[PartitionId, Assignment]) -> None:
        for version, named in batch.names.items():
            names.note(version, named)

    return LakeWriter(inbox, ServedTable(lake_dir), dead_letters, lambda: ServedBatch(erased), note, metrics.served, now)
