"""A part of a partition of the topic whose records are committed together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadPart:
    """The records behind `after` up to `last`, both offsets; `after` is None at the beginning of the topic.

    A topic that was created anew has the old name and another id. Brokers before 2.8 have no ids; they are then all empty.
    """

    after: int | None
    last: int
    topic_id: str = ""
