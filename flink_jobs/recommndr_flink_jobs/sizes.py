"""How large a job is: memory of the Java process, subtasks, caches of the Python worker, and packs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recommndr.settings import Settings


@dataclass(frozen=True, slots=True)
class Size:
    """The sizes of one job."""

    heap_mb: int
    jvm_flags: str
    parallelism: int
    # In the worker, by subtask: decoded entities (4 kB each, 40 kB with 500 purchases), and by bucket, Flink's own cache of
    # states (1.2 kB each). A state in neither costs a call to Java of 0.4 ms.
    recent_entities: int
    cached_states: int
    pack_ms: int  # a pack has the records of so long, and
    pack_records: int  # at most so many neighbours of one partition, so that it stays small while the job catches up


SIZES: Mapping[str, Size] = {
    # By default Java takes a quarter of the memory. The serial collector leaves the second core to others; the first compiler
    # alone starts three times as fast, and a demo ends before the second one would pay.
    "small": Size(700, "-XX:+UseSerialGC -XX:TieredStopAtLevel=1", 1, 20_000, 10_000, 100, 500),
    "large": Size(4_096, "-XX:+UseParallelGC", 4, 100_000, 100_000, 100, 2_000),
}


def size_of(settings: Settings) -> Size:
    """The size that the settings name, with the figures that they give instead."""
    named = SIZES[settings.flink_size]
    return replace(
        named,
        heap_mb=settings.flink_heap_mb or named.heap_mb,
        parallelism=settings.flink_parallelism or named.parallelism,
        recent_entities=settings.flink_recent_entities or named.recent_entities,
        cached_states=settings.flink_cached_states or named.cached_states,
        pack_ms=settings.flink_pack_ms or named.pack_ms,
        pack_records=settings.flink_pack_records or named.pack_records,
    )
