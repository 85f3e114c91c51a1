"""Writers of dead letters: to Kafka, or to a list."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kafka import KafkaProducer

from recommndr.dead_letter import DeadLetter
from recommndr.topics import DEAD_LETTER
from recommndr_tail.record import TopicRecord

_log = logging.getLogger(__name__)
_FLUSH_TIMEOUT_S = 10.0


class DeadLetters(Protocol):
    """Takes dead letters. Letters are safe once `flush` has returned."""

    def put(self, letter: DeadLetter) -> None:
        """Take a letter."""
        ...

    def flush(self) -> None:
        """Return when all letters are safe; raises `kafka.errors.KafkaError` when that is unknown."""
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


class KafkaDeadLetters:
    """Writes dead letters to `recommndr.dead-letter.v1`. The next `flush` repeats failed writes."""

    def __init__(self, producer: KafkaProducer) -> None:
        self._producer = producer
        self._unsafe: list[DeadLetter] = []

    def put(self, letter: DeadLetter) -> None:
        """Keep a letter until the next `flush`."""
        self._unsafe.append(letter)

    def flush(self) -> None:
        """See `DeadLetters.flush`."""
        if not self._unsafe:
            return
        sent = [self._producer.send(DEAD_LETTER.name, one.to_bytes(), key=one.record_key()) for one in self._unsafe]
        for future in sent:
            future.get(_FLUSH_TIMEOUT_S)
        _log.warning("%d records could not be read; they were written to the dead-letter topic", len(self._unsafe))
        self._unsafe.clear()


def letter_of(record: TopicRecord, cause: Exception, now: Callable[[], datetime]) -> DeadLetter:
    """Return the dead letter of a record that raised `cause`."""
    reason = f"{type(cause).__name__}: {cause}"
    return DeadLetter(reason, record.topic, record.partition, record.offset, record.key, record.value, now())
