"""Publishes seeds: shifts a seed file to now and writes it to `recommndr.seeds.v1`, the control record first.

The control record goes first and is acknowledged before any seed, so a job that reads seeds knows from which offset of
`events.v1` each tenant's events count.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError

from recommndr.features import item, shopper
from recommndr.kafka_access import KafkaAccess
from recommndr.seed import GROUP_CONTROL, GROUP_ITEM, GROUP_USER, Seed
from recommndr.topics import EVENTS, SEEDS, seed_key
from recommndr_training.live.time_shift import shift_item, shift_shopper
from recommndr_training.shipping.seed import EntityState, SeedFile

_CLIENT_ID = "recommndr-seed"
_TIMEOUT_S = 60.0
_BOOTSTRAP_TIMEOUT_MS = 10_000
# Seeds of a file hold the shop's imported history only; live events of events.v1 are folded on top of it.
HISTORY_ONLY = (0,) * EVENTS.partitions


class SeedsNotPublished(RuntimeError):
    """Kafka did not accept all seeds; publish again, which is safe and makes a newer generation."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The values that all seeds of one publication share."""

    tenant: str
    number: int  # milliseconds of the publication; the larger one is the newer
    offsets: tuple[int, ...]  # per partition of events.v1: the first offset that is not contained
    shift_s: float  # the tenant's time shift


class SeedLog(Protocol):
    """A writer of seeds: Kafka, or a list in tests."""

    def append(self, key: bytes, value: bytes) -> None:
        """Take one record; may return before it is acknowledged."""
        ...

    def flush(self) -> None:
        """Return when all records are acknowledged; raises `SeedsNotPublished`."""
        ...


def publish(log: SeedLog, seeds: SeedFile, generation: Generation, progress: Callable[[int], None]) -> int:
    """Write one generation of a tenant's seeds and return their number; calls `progress` for each row of the file."""
    control = Seed(generation.number, generation.offsets, b"")
    log.append(seed_key(generation.tenant, GROUP_CONTROL, ""), control.to_bytes())
    log.flush()
    n_published = 0
    for row in seeds.rows:
        for key, value in records(row, generation):
            log.append(key, value)
            n_published += 1
        progress(1)
    log.flush()
    return n_published


def records(row: EntityState, generation: Generation) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of an entity's seeds, one for each of its groups, their states shifted."""
    for group, state in _shifted(row, generation.shift_s).items():
        seed = Seed(generation.number, generation.offsets, state)
        yield seed_key(generation.tenant, group, row.entity), seed.to_bytes()


def _shifted(row: EntityState, shift_s: float) -> dict[str, bytes]:
    """The states by group: those of a shopper live apart."""
    if row.group == GROUP_USER:
        return shopper.parts(shift_shopper(shopper.from_bytes(row.state), shift_s))
    if row.group == GROUP_ITEM:
        return {GROUP_ITEM: item.to_bytes(shift_item(item.from_bytes(row.state), shift_s))}
    raise ValueError(f"seed group {row.group!r} of {row.entity!r}: expected {GROUP_USER!r} or {GROUP_ITEM!r}")


class KafkaSeedLog:
    """Writes seeds to Kafka, compressed because an item's state is mostly zeros."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._failures: list[Exception] = []
        self._bootstrap = kafka.bootstrap
        try:
            self._producer = KafkaProducer(
                **kafka.options(),
                client_id=_CLIENT_ID,
                bootstrap_timeout_ms=_BOOTSTRAP_TIMEOUT_MS,
                compression_type="gzip",
                linger_ms=50,
                batch_size=512 * 1024,
                allow_auto_create_topics=False,
            )
        except KafkaError as cause:
            raise SeedsNotPublished(
                f"no Kafka at {kafka.bootstrap}: {cause}; check that the installation is running and that RECOMMNDR_KAFKA_USER "
                "and RECOMMNDR_KAFKA_PASSWORD_FILE name the user `training`"
            ) from cause

    def append(self, key: bytes, value: bytes) -> None:
        """See `SeedLog.append`."""
        self._producer.send(SEEDS.name, key=key, value=value).add_errback(self._failures.append)

    def flush(self) -> None:
        """See `SeedLog.flush`."""
        try:
            self._producer.flush(timeout=_TIMEOUT_S)
        except KafkaError as cause:
            raise SeedsNotPublished(f"Kafka at {self._bootstrap} did not answer within {_TIMEOUT_S:.0f} s") from cause
        if self._failures:
            raise SeedsNotPublished(f"{len(self._failures)} seeds were refused, the first: {self._failures[0]}")

    def close(self) -> None:
        """Stop the sender thread."""
        self._producer.close(timeout=_TIMEOUT_S)
