"""One version of the lake's table of events, and how far it has read the topic: rows and offsets are of the same commit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deltalake import DeltaTable

from recommndr.topics import EVENTS
from recommndr_lake_writer.fenced_table import last_offset
from recommndr_lake_writer.lake import events_dir


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version, and of each partition the first offset that is not in it."""

    version: int
    offsets: tuple[int, ...]

    @classmethod
    def newest(cls, lake_dir: Path, topic_id: str) -> Self | None:
        """The newest, with offsets in the topic of this id; None if there is no lake. Raises `DeltaError` of deltalake."""
        path = str(events_dir(lake_dir))
        if not DeltaTable.is_deltatable(path):
            return None
        table = DeltaTable(path)
        last = [last_offset(table, (EVENTS.name, number), topic_id) for number in range(EVENTS.partitions)]
        return cls(table.version(), tuple(0 if offset is None else offset + 1 for offset in last))
