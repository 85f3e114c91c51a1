"""How far the online store has the rows of a partition. The store keeps it itself and moves it together with the rows.

So the position and the rows are never apart, whatever happens to the store: emptied, it has no position; restarted without its
last seconds, it has the position of a moment ago; and of two writers only one can move it on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from recommndr_feature_writer.shopper_row import RowKey, ShopperRow
from recommndr_tail.record import PartitionId


class PositionMoved(RuntimeError):
    """A position is not as the batch expects, so nothing was written: another writer moved it, or the store was emptied."""


@dataclass(frozen=True, slots=True)
class Position:
    """The store has all rows before `offset` of the topic with this id. A topic that is created anew has another id."""

    topic_id: str
    offset: int

    def to_bytes(self) -> bytes:
        """As the store keeps it.

        >>> Position("9f2c", 41).to_bytes()
        b'9f2c:41'
        """
        return f"{self.topic_id}:{self.offset}".encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Inverse of `to_bytes`; raises `ValueError` for anything else."""
        topic_id, _, offset = stored.decode().rpartition(":")
        return cls(topic_id, int(offset))


@dataclass(frozen=True, slots=True)
class Move:
    """A position as it must be before a write, and as it is afterwards; None: the store has nothing of the partition."""

    before: Position | None
    after: Position


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written at once: rows, keys of rows that are gone, and the positions that this moves."""

    rows: Sequence[ShopperRow] = ()
    gone: Sequence[RowKey] = ()
    moves: Mapping[PartitionId, Move] = field(default_factory=dict)

    def check(self, stored: Mapping[PartitionId, Position]) -> None:
        """Raise `PositionMoved` unless these are the positions from which the batch goes on."""
        for place, move in self.moves.items():
            if stored.get(place) != move.before:
                raise PositionMoved(f"{place}: {stored.get(place)}, expected {move.before}")
