"""The event log: its protocol, and an implementation in memory."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal, Protocol

from recommndr.identity import split_key

# The default limit of Kafka and kafka-python, less some room for key, headers and framing.
MAX_VALUE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic; without a value it deletes its key."""

    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def tenant(self) -> str:
        """The tenant of the record."""
        return split_key(self.key)[0]

    @property
    def n_bytes(self) -> int:
        """Bytes of key and value together."""
        return len(self.key) + len(self.value or b"")


# Only of `not_acknowledged` is it unknown whether the record was written; for the others it was not.
Reason = Literal["disconnected", "overloaded", "share_used", "not_acknowledged"]


class NotAcknowledged(RuntimeError):
    """The record was not written, or it is unknown; write it again, because readers treat repeats as one."""

    def __init__(self, reason: Reason, cause: str) -> None:
        super().__init__(cause)
        self.reason = reason


class RecordTooLarge(ValueError):
    """The record exceeds `MAX_VALUE_BYTES`."""


class EventLog(Protocol):
    """An append-only log; every implementation passes `tests/collector/test_event_log.py`."""

    @property
    def ready(self) -> bool:
        """Whether an append can succeed."""
        ...

    def append(self, record: Record) -> asyncio.Future[None]:
        """Enqueue at once, in order per key, without blocking; the future is done when the log has acknowledged.

        Awaiting raises `NotAcknowledged` or `RecordTooLarge`.
        """
        ...


@dataclass
class InMemoryEventLog:
    """A log that keeps records in a list; `failing` makes it answer as if the broker were unavailable."""

    records: list[Record] = field(default_factory=list)
    failing: Reason | None = None

    @property
    def ready(self) -> bool:
        """Whether it is not failing."""
        return self.failing is None

    def append(self, record: Record) -> asyncio.Future[None]:
        """Keep the record; it is acknowledged at once."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.failing is not None:
            done.set_exception(NotAcknowledged(self.failing, f"the log in memory was told to be {self.failing}"))
        elif too_large(record):
            done.set_exception(RecordTooLarge(describe_size(record)))
        else:
            self.records.append(record)
            done.set_result(None)
        return done


def too_large(record: Record) -> bool:
    """Whether the record's value exceeds the broker's limit."""
    return record.value is not None and len(record.value) > MAX_VALUE_BYTES


def describe_size(record: Record) -> str:
    """Size and limit of a record that is too large, for the problem."""
    return f"{len(record.value or b'')} bytes as a record: expected at most {MAX_VALUE_BYTES}"
