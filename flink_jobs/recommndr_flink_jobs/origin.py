"""What the states of a run start from: the seeds that were announced before it, and what the log still has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from recommndr.generation import Generation

Contained = Mapping[str, Sequence[int]]  # tenant -> per partition the first event offset that its seeds do not contain


@dataclass(frozen=True, slots=True)
class Origin:
    """By tenant where its states come from."""

    announced: Mapping[str, Sequence[Generation]] = field(default_factory=dict)  # with offsets in the topic that there is
    contained: Contained = field(default_factory=dict)  # only where all states begin anew
    awaiting: frozenset[str] = frozenset()  # tenants whose states would lack something: not shown before new seeds
    events_topic_id: str = ""
    run_id: str = ""  # who is not shown yet waits until this run has caught up; empty: nobody waits
    outcomes_generation: int = 0
    outcomes_since_s: int = 0  # acts on older lists do not count: the log may lack others of theirs

    @classmethod
    def of(cls, announced: Mapping[str, Sequence[Generation]], events_topic_id: str) -> Self:
        """The origin of a run that goes on from earlier states."""
        origin = cls(events_topic_id=events_topic_id)
        return replace(origin, announced={tenant: tuple(map(origin.placed, ones)) for tenant, ones in announced.items()})

    def anew(self, n_there: Mapping[str, Sequence[int]], awaiting: Mapping[str, str]) -> Self:
        """The same for states that begin anew; `n_there` are the seeds by tenant and share that there are."""
        announced = {
            tenant: tuple(_without_erased(one, n_there.get(tenant, ())) for one in ones)
            for tenant, ones in self.announced.items()
        }
        contained = {tenant: one.offsets for tenant, one in self.all_complete().items()}
        return replace(self, announced=announced, contained=contained, awaiting=frozenset(awaiting))

    def placed(self, generation: Generation) -> Generation:
        """The generation with offsets in the topic that there is; of one created anew, no event is in the seeds."""
        if not generation.offsets or generation.topic_id == self.events_topic_id:
            return generation
        return generation.model_copy(update={"topic_id": self.events_topic_id, "offsets": (0,) * len(generation.offsets)})

    def complete(self, tenant: str) -> Generation | None:
        """The tenant's newest complete generation."""
        complete = [one for one in self.announced.get(tenant, ()) if one.step == "complete"]
        return max(complete, key=lambda one: one.number, default=None)

    def all_complete(self) -> dict[str, Generation]:
        """The newest complete generation of each tenant that has one."""
        return {tenant: one for tenant in self.announced if (one := self.complete(tenant)) is not None}


def _without_erased(generation: Generation, n_there: Sequence[int]) -> Generation:
    """Seeds of shoppers who were erased later are gone, so nobody should wait for them."""
    if generation.step != "complete":
        return generation
    return generation.model_copy(update={"n_seeds": tuple(map(min, generation.n_seeds, n_there))})
