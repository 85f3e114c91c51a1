"""Topics as a writer reads them that shares them with others of its kind, and an implementation on a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from recommndr_tail.record import PartitionId, TopicRecord


@dataclass(frozen=True, slots=True)
class Assignment:
    """Under what a partition is read: another topic of the same name, or a partition that was away meanwhile, is a new one."""

    topic_id: str
    nth: int = 0


class NotTold(RuntimeError):
    """Who watches the lag was not told how far the rows are; the next commit makes up for it."""


class Inbox(Protocol):
    """Reads the partitions that are assigned to this writer. The writer says from where, for each new assignment."""

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """The next records; empty when there is none within `timeout_s`."""
        ...

    def assigned(self) -> Mapping[PartitionId, Assignment]:
        """The partitions to read; a poll may change them."""
        ...

    def seek(self, place: PartitionId, offset: int | None) -> None:
        """Read an assigned partition from this offset on; None: from its beginning."""
        ...

    def commit(self, offsets: Mapping[PartitionId, int]) -> None:
        """Tell how far the rows are stored; only who watches the lag reads it. Raises `NotTold`."""
        ...


@dataclass
class InMemoryInbox:
    """Partitions in one list of records; a new one over the same `records` is a restart."""

    records: list[TopicRecord]
    places: set[PartitionId]
    batch: int = 100
    topic_id: str = "first"
    nth: int = 0
    committed: dict[PartitionId, int] = field(default_factory=dict)
    _next: dict[PartitionId, int] = field(default_factory=dict, init=False)

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """At most `batch` records from where each partition was left."""
        del timeout_s
        unread = [one for one in self.records if one.place in self.places and one.offset >= self._next.get(one.place, 0)]
        for record in unread[: self.batch]:
            self._next[record.place] = record.offset + 1
        return unread[: self.batch]

    def assigned(self) -> Mapping[PartitionId, Assignment]:
        """All of `places`, of one topic."""
        return dict.fromkeys(self.places, Assignment(self.topic_id, self.nth))

    def seek(self, place: PartitionId, offset: int | None) -> None:
        """Go there."""
        self._next[place] = offset or 0

    def commit(self, offsets: Mapping[PartitionId, int]) -> None:
        """Remember."""
        self.committed |= offsets
