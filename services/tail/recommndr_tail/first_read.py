"""Whether a reader has read what its topics held when it connected first, and when it last had read everything."""

from collections.abc import Callable

from kafka import KafkaConsumer

from recommndr_tail.follower import Ends, has_read


class FirstRead:
    """One reader's; `now_s` is its clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._awaited: Ends | None = None  # what the first connection has to read; None before it
        self._at_s: float | None = None

    @property
    def at_s(self) -> float | None:
        """When it last had read everything, by its clock; None before it has read what there was at start."""
        return self._at_s

    def connected(self, consumer: KafkaConsumer) -> None:
        """Note what there is when the first connection begins."""
        if self._awaited is None:
            self._awaited = consumer.end_offsets(consumer.assignment())

    def polled(self, consumer: KafkaConsumer) -> None:
        """Look where the consumer is."""
        if self._awaited and not has_read(consumer, self._awaited):
            return
        self._awaited = {}
        self._at_s = self._now_s()
