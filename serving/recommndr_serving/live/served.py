"""The log of answers: its protocol, and an implementation in memory."""

from typing import Protocol

from recommndr.served_answer import ServedAnswer


class ServedLog(Protocol):
    """A log of answers."""

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """Queue an answer; returns at once and never raises."""
        ...


class MemoryServedLog:
    """Keeps answers in memory, for tests."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, ServedAnswer]] = []

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """See `ServedLog.note`."""
        self.records.append((tenant, user_id, answer))
