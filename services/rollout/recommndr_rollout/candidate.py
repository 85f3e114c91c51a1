"""A registered version of a tenant's model that may be released."""

from dataclasses import dataclass

from recommndr.release import SLOTS, Placement, Release, Slot


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version by the content of its bundle and by its number in the registry."""

    version: str
    model_version: int

    def is_at(self, placement: Placement | None) -> bool:
        """Whether the placement holds it."""
        return placement is not None and (placement.version, placement.model_version) == (self.version, self.model_version)

    def in_slot(self, slot: Slot) -> Placement:
        """Its placement in a slot."""
        return Placement(version=self.version, model_version=self.model_version, slot=slot)

    def release_id(self, tenant: str, record_version: int) -> str:
        """The name of its release; releasing it again is another one, so that outcomes of the two are not mixed."""
        return f"{tenant}-v{self.model_version}-r{record_version}"


def idle_slot(release: Release) -> Slot:
    """The slot that the stable version is not in."""
    return next(slot for slot in SLOTS if slot != release.stable.slot)
