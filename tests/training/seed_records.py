"""A log of seeds in memory, and what a reader finds in it."""

from dataclasses import dataclass, field

from recommndr.generation import Generation, tenant_of
from recommndr.seed import Seed
from recommndr.topics import PARTITIONS, SeedKey, split_seed_key
from recommndr_training.live.seed_log import Reach

FRESH = (0,) * PARTITIONS


@dataclass
class MemoryLog:
    """A log that remembers all in its order; `generations` has the number of seeds before each announcement."""

    reached: Reach = field(default_factory=lambda: Reach("events-1", FRESH, FRESH))
    seeds: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    generations: list[tuple[int, bytes, Generation]] = field(default_factory=list)

    def reach(self) -> Reach:
        return self.reached

    def announced(self, tenant: str) -> list[Generation]:
        return [one for _, key, one in self.generations if tenant_of(key) == tenant]

    def announce(self, tenant: str, generation: Generation) -> None:
        self.generations.append((len(self.seeds), generation.key(tenant), generation))

    def append(self, key: bytes, value: bytes | None) -> None:
        self.seeds.append((key, value))

    def states(self) -> dict[tuple[str, str], bytes]:
        """The newest seeds by group and entity, as a reader of the newest complete generation takes them."""
        complete = [one for _, _, one in self.generations if one.step == "complete"][-1]
        found: dict[SeedKey, bytes | None] = {split_seed_key(key): value for key, value in self.seeds}
        kept = {(key.group, key.entity): Seed.from_bytes(value) for key, value in found.items() if value is not None}
        return {place: seed.state for place, seed in kept.items() if seed.generation == complete.number}
