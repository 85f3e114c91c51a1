"""Records as they were read, and when unreadable ones are no single cases any more. No I/O and no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recommndr_feature_writer.shopper_row import ShopperRow, key_of, row_of
from recommndr_tail.record import PartitionId, TopicRecord

# A damaged record comes alone. So many of a partition in a row mean that the writer is at fault, or whoever writes the topic.
MAX_UNREADABLE = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """A record with its row, with the cause why it has none, or with neither: a tombstone."""

    record: TopicRecord
    row: ShopperRow | None = None
    cause: Exception | None = None


def read(record: TopicRecord) -> Reading:
    """What the record says."""
    try:
        if record.value is not None:
            return Reading(record, row=row_of(record))
        key_of(record)
        return Reading(record)
    except Exception as cause:  # damaged bytes can raise anything
        return Reading(record, cause=cause)


@dataclass(frozen=True, slots=True)
class Sifted:
    """Readings to go on with, the first reading of each partition that is held, and how many unreadable ones end each one."""

    kept: list[Reading]
    held: dict[PartitionId, Reading]
    n_unreadable: dict[PartitionId, int]


def sift(readings: Sequence[Reading], n_unreadable: Mapping[PartitionId, int]) -> Sifted:
    """Hold each partition that ends in `MAX_UNREADABLE` unreadable records or more, from the first of these in `readings` on.

    `n_unreadable` are those right before `readings`. A row ends them; a tombstone does not, because any writer can read it.
    """
    runs: dict[PartitionId, list[Reading]] = {}
    n_before = dict(n_unreadable)
    for reading in readings:
        run = runs.setdefault(reading.record.place, [])
        if reading.cause is not None:
            run.append(reading)
        elif reading.row is not None:
            run.clear()
            n_before[reading.record.place] = 0
    n_now = n_before | {place: n_before.get(place, 0) + len(run) for place, run in runs.items()}
    held = {place: run[0] for place, run in runs.items() if run and n_now[place] >= MAX_UNREADABLE}
    kept = [one for one in readings if one.record.place not in held or one.record.offset < held[one.record.place].record.offset]
    return Sifted(kept, held, n_now | {place: n_before.get(place, 0) for place in held})
