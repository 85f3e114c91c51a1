"""Tombstones of an erased shopper's seeds."""

from dataclasses import dataclass

from kafka import KafkaProducer

from recommndr.seed import SHOPPER_GROUPS
from recommndr.topics import SEED_SIDES, SEEDS, seed_key

_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class SeedTombstones:
    """Writes them to the topic of seeds."""

    producer: KafkaProducer

    def forget(self, tenant: str, user_id: str) -> None:
        """Return when they are safe; raises `kafka.errors.KafkaError`."""
        keys = [seed_key(tenant, group, side, user_id) for group in SHOPPER_GROUPS for side in SEED_SIDES]
        for sent in [self.producer.send(SEEDS.name, key=key, value=None) for key in keys]:
            sent.get(_TIMEOUT_S)
