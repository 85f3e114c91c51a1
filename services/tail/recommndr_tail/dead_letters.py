"""Writers of dead letters: the protocol, and an implementation on a list."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from recommndr.dead_letter import DeadLetter
from recommndr_tail.record import TopicRecord


class DeadLetters(Protocol):
    """Takes dead letters. Letters are safe once `flush` has returned."""

    def put(self, letter: DeadLetter) -> None:
        """Take a letter."""
        ...

    def flush(self) -> None:
        """Return when all letters are safe; raises the log's own errors when that is unknown."""
        ...


@dataclass
class InMemoryDeadLetters:
    """Keeps dead letters in a list."""

    letters: list[DeadLetter] = field(default_factory=list)

    def put(self, letter: DeadLetter) -> None:
        """Keep a letter."""
        self.letters.append(letter)

    def flush(self) -> None:
        """Do nothing: the list already has all letters."""


def letter_of(record: TopicRecord, cause: Exception, now: Callable[[], datetime]) -> DeadLetter:
    """Return the dead letter of a record that raised `cause`."""
    reason = f"{type(cause).__name__}: {cause}"
    return DeadLetter(reason, record.topic, record.partition, record.offset, record.key, record.value, now())
