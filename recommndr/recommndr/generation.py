"""Generations of seeds: what a tenant's seeds contain and whether all of them are there; values of `recommndr.generations.v1`.

A publication announces its generation three times, and each announcement says all that the ones before it said:

1. `begun`, before the publisher looks how far the events are. From now on the live job holds the tenant's events back.
2. `cut`: the offsets of `events.v1` below which the seeds contain everything. The job starts a second set of states from there.
3. `complete`: the number of seeds. When the job has them all, the second set replaces the first.

A publisher that dies on the way leaves a generation that never completes, so nobody uses it. Its seeds lie on the other
**side** from those of the newest complete generation, which stay whole.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recommndr.counting import Counting
from recommndr.identity import entity_key, split_key
from recommndr.seed import N_SHARES
from recommndr.topics import PARTITIONS

Step = Literal["begun", "cut", "complete"]
Side = Literal[0, 1]


class Generation(BaseModel):
    """One announcement."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(gt=0)  # milliseconds of the publication; the larger one is the newer
    step: Step
    side: Side
    counting: Counting
    own_kinds: tuple[str, ...] = ()  # the tenant's, in the order of their codes in the states
    shift_s: float | None = None  # how much later imported history was made; None: there is none in the seeds
    topic_id: str = ""  # of `events.v1`: offsets of a topic that was created anew mean something else
    offsets: tuple[int, ...] = ()  # by partition, the first offset that is not contained; empty before the cut
    n_seeds: tuple[int, ...] = ()  # by share; empty before all are written

    @model_validator(mode="after")
    def _says_what_its_step_needs(self) -> Self:
        if self.step != "begun" and len(self.offsets) != PARTITIONS:
            raise ValueError(f"generation {self.number}: {len(self.offsets)} offsets: expected {PARTITIONS}")
        if self.step == "complete" and len(self.n_seeds) != N_SHARES:
            raise ValueError(f"generation {self.number}: {len(self.n_seeds)} numbers of seeds: expected {N_SHARES}")
        return self

    def to_bytes(self) -> bytes:
        """The Kafka value."""
        return self.model_dump_json().encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Inverse of `to_bytes`; raises `ValueError`."""
        return cls.model_validate_json(value)

    def key(self, tenant: str) -> bytes:
        """The Kafka key. A complete generation has its own, so that a later one that does not complete leaves it there."""
        return entity_key(tenant, "complete" if self.step == "complete" else "begun")


def tenant_of(key: bytes) -> str:
    """The tenant of an announcement's key; raises `ValueError`."""
    return split_key(key)[0]
