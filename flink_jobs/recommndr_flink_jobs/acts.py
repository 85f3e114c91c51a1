"""Acts on their way from lift to fold: which shopper, which position in `events.v1`, and what outcomes read of the event."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from recommndr.outcomes.act import Act, Label, Shown


class ActAt(NamedTuple):
    """An act of a shopper and its position; `key` is `tenant|user`."""

    key: str
    partition: int
    offset: int
    act: Act


def unpack(row: tuple[Any, ...]) -> ActAt:
    """The act from msgpack's tuples; packing needs no function, because it takes ours for its own."""
    key, partition, offset, act = row
    return ActAt(key, partition, offset, act_of_values(act))


def act_of_values(values: Sequence[Any]) -> Act:
    """The act from msgpack's tuples."""
    measure, at_s, event, items, shown, paid, guest_id = values
    where = None if shown is None else Shown(Label(*shown[0]), *shown[1:])
    return Act(measure, at_s, event, items, where, paid, guest_id)
