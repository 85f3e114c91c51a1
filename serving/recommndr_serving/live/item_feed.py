"""Decodes records of the item topics and applies them. Unreadable records are counted, logged and skipped."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from recommndr_serving.live.item_records import ItemRecord, decode
from recommndr_serving.metrics import Metrics

log = logging.getLogger(__name__)

Apply = Callable[[Sequence[ItemRecord]], None]


class RawRecord(Protocol):
    """One record of a topic, as any log hands it over."""

    @property
    def topic(self) -> str:
        """Its topic."""
        ...

    @property
    def partition(self) -> int:
        """Its partition."""
        ...

    @property
    def offset(self) -> int:
        """Its offset."""
        ...

    @property
    def key(self) -> bytes | None:
        """Its key."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its value; None: a tombstone."""
        ...


class ItemFeed:
    """Passes decoded records to `apply`, in the order in which they come."""

    def __init__(self, apply: Apply, metrics: Metrics) -> None:
        self._apply, self._metrics = apply, metrics

    def take(self, records: Sequence[RawRecord]) -> None:
        """Apply all that can be read."""
        self._put([(record, decoded) for record in records if (decoded := self._decode(record))])

    def _put(self, records: Sequence[tuple[RawRecord, ItemRecord]]) -> None:
        try:
            self._apply([decoded for _, decoded in records])
        except Exception:
            # One record is bad. Applying a record twice changes nothing, so all are applied again one by one.
            for record, decoded in records:
                try:
                    self._apply([decoded])
                except Exception as cause:  # a bad record of any kind must not stop the others
                    self._skip(record, cause)

    def _decode(self, record: RawRecord) -> ItemRecord | None:
        try:
            return decode(record.topic, record.key, record.value)
        except Exception as cause:  # broken bytes can raise any error
            self._skip(record, cause)
            return None

    def _skip(self, record: RawRecord, cause: Exception) -> None:
        self._metrics.tail_poison.labels(record.topic).inc()
        where = f"{record.topic}:{record.partition}:{record.offset}"
        # Decoding raises `ValueError` for bad records. Any other error is unexpected and needs its traceback.
        log.warning("tails: skipped %s: %s", where, cause, exc_info=None if isinstance(cause, ValueError) else cause)
