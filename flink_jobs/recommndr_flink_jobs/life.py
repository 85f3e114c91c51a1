"""A tenant's lives in a bucket: sets of states, of which one is shown and a newer one may be growing beside it.

A life has the seeds of one generation, and of the events those that its seeds do not contain. It is shown, so written to the
features topics, when all its seeds are there. From then on it lives alone: the earlier one is forgotten.

A newer generation is announced (`recommndr.generation`) before its cut is known. The publisher chooses a cut behind all events
that there are some seconds after the announcement. So a bucket that has heard of the generation, or has a seed of it, keeps
the tenant's updates too, and folds those beyond the cut into the second set when it knows the cut. If events beyond the cut
were folded before it heard of the generation, the second set would lack them. Then it refuses the generation, and the shown
life goes on.
"""

from dataclasses import dataclass, field
from typing import Any

import msgpack

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.topics import PARTITIONS

Offsets = tuple[int, ...]  # by partition of `events.v1`

EVERYTHING: Offsets = (0,) * PARTITIONS  # offsets of a life without seeds: it has folded every event
_NONE: Offsets = (-1,) * PARTITIONS
_FORMAT_VERSION = 1


@dataclass(slots=True)
class Life:
    """One set of states. Generation 0 has no seeds."""

    generation: int
    counting: Counting
    contained: Offsets | None = None  # the first offsets that its seeds do not contain; None: the cut is not known yet
    n_wanted: int | None = None  # seeds of this bucket; None: not all are written yet
    n_taken: int = 0
    is_shown: bool = False
    is_refused: bool = False

    @property
    def grows(self) -> bool:
        """Whether events are folded into it."""
        return self.contained is not None and not self.is_refused

    @property
    def is_whole(self) -> bool:
        """Whether all its seeds are in it."""
        return self.grows and self.n_wanted is not None and self.n_taken >= self.n_wanted

    def contains(self, partition: int, offset: int) -> bool:
        """Whether the seeds contain the event, so that it must not be folded."""
        return self.contained is not None and offset < self.contained[partition]

    def place(self, key: str) -> str:
        """Where the state of an entity (`tenant|entity`) of this life is stored."""
        return f"{self.generation}|{key}"


# Groups that no seed has go on through all lives: merging the same again changes nothing in them.
FOR_EVER = Life(0, DEFAULT_COUNTING, EVERYTHING, 0, is_shown=True)


def place_of(stored: str) -> tuple[int, str]:
    """Inverse of `Life.place`: the generation and the entity's key."""
    generation, _, key = stored.partition("|")
    return int(generation), key


@dataclass(slots=True)
class Lives:
    """One tenant's lives in a bucket."""

    current: Life
    next: Life | None = None
    newest: Offsets = _NONE  # the newest event of each partition that was folded or held back
    newest_before: Offsets = _NONE  # the same when the bucket heard of the next generation
    n_held: int = 0  # messages
    heard: bool = field(default=False, compare=False)  # since the worker started, of what was announced before

    def all(self) -> list[Life]:
        """The lives that take seeds and events."""
        return [life for life in (self.current, self.next) if life is not None and not life.is_refused]

    def of(self, generation: int) -> Life | None:
        """The life that takes the seeds of the generation."""
        return next((life for life in self.all() if life.generation == generation), None)

    @property
    def waits_for_seeds(self) -> bool:
        """Whether a life is not whole yet."""
        return any(not life.is_whole for life in self.all())

    @property
    def holds_back(self) -> bool:
        """Whether updates are kept until the next life's cut is known."""
        return self.next is not None and self.next.contained is None and not self.next.is_refused

    def saw(self, partition: int, offset: int) -> None:
        """Take note of an event."""
        if offset > self.newest[partition]:
            self.newest = (*self.newest[:partition], offset, *self.newest[partition + 1 :])

    def to_bytes(self) -> bytes:
        """The bytes in Flink."""
        lives = [None if life is None else _pack(life) for life in (self.current, self.next)]
        packed: bytes = msgpack.packb([_FORMAT_VERSION, *lives, self.newest, self.newest_before, self.n_held])
        return packed


def _pack(life: Life) -> list[object]:
    return [
        life.generation, life.counting, life.contained, life.n_wanted, life.n_taken, life.is_shown, life.is_refused,
    ]  # fmt: skip


def _unpack(row: list[Any]) -> Life:
    generation, counting, contained, *rest = row
    return Life(generation, Counting(*counting), None if contained is None else tuple(contained), *rest)


def lives_from_bytes(stored: bytes) -> Lives:
    """Inverse of `Lives.to_bytes`; raises `ValueError` for another format."""
    version, current, coming, newest, newest_before, n_held = msgpack.unpackb(stored)
    if version != _FORMAT_VERSION:
        raise ValueError(f"lives of format {version}: expected {_FORMAT_VERSION}")
    return Lives(_unpack(current), None if coming is None else _unpack(coming), tuple(newest), tuple(newest_before), n_held)
