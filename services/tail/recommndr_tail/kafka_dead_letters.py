"""Dead letters to Kafka."""

import logging

from kafka import KafkaProducer

from recommndr.dead_letter import DeadLetter
from recommndr.topics import DEAD_LETTER

_log = logging.getLogger(__name__)
_FLUSH_TIMEOUT_S = 10.0


class KafkaDeadLetters:
    """Writes dead letters to `recommndr.dead-letter.v1`. The next `flush` repeats failed writes."""

    def __init__(self, producer: KafkaProducer) -> None:
        self._producer = producer
        self._unsafe: list[DeadLetter] = []

    def put(self, letter: DeadLetter) -> None:
        """Keep a letter until the next `flush`."""
        self._unsafe.append(letter)

    def flush(self) -> None:
        """See `DeadLetters.flush`; raises `kafka.errors.KafkaError`."""
        if not self._unsafe:
            return
        sent = [self._producer.send(DEAD_LETTER.name, one.to_bytes(), key=one.record_key()) for one in self._unsafe]
        for future in sent:
            future.get(_FLUSH_TIMEOUT_S)
        _log.warning("%d records could not be read; they were written to the dead-letter topic", len(self._unsafe))
        self._unsafe.clear()
