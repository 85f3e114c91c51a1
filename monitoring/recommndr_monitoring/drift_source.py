"""Drift between the arms of releases, and from what bundles have learnt, as samples of the exporter."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from recommndr.drift.between_arms import MIN_SHOPPERS, ArmDrift
from recommndr.drift.mixes import MixDrift
from recommndr.drift.visits import SlotMixName
from recommndr.drift.window import Sample as Served
from recommndr.drift.windows import ReleaseKey
from recommndr_monitoring.drift.reference import References
from recommndr_monitoring.source import Sample, SourceUnavailable
from recommndr_monitoring.watch import FORGET_AFTER_S

_REFERENCE_EVERY_S = 60.0  # it is of every tenant, always, and nobody acts by it at once
_ARMS_EVERY_S = 15.0  # an hour's windows change little in less


class Drifts(Protocol):
    """What knows the drift; `recommndr_monitoring.drift.tail.ServedTail` is one."""

    @property
    def read_at_s(self) -> float | None:
        """When it last had read everything, epoch."""
        ...

    def drifts(self) -> Mapping[ReleaseKey, ArmDrift]:
        """The drift of each release whose arms have enough shoppers."""
        ...

    def mixes(self) -> Mapping[ReleaseKey, Mapping[SlotMixName, MixDrift]]:
        """By release how far apart its arms' shoppers are, by each mix with enough of them."""
        ...

    def stable(self) -> Mapping[str, tuple[str, Served]]:
        """By tenant the version of its newest release's stable arm, and what that arm was served."""
        ...


@dataclass
class _Kept:
    """Samples that are made again only so often."""

    every_s: float
    make: Callable[[], Iterable[Sample]]
    samples: list[Sample] = field(default_factory=list)
    made_at_s: float = -math.inf

    def at(self, now_s: float) -> list[Sample]:
        """The samples; raises what `make` raises."""
        if now_s - self.made_at_s >= self.every_s:
            self.samples, self.made_at_s = list(self.make()), now_s
        return self.samples


class DriftSource:
    """A source beside the others; away while the topic cannot be read."""

    name = "served"

    def __init__(self, drifts: Drifts, references: References, now_s: Callable[[], float]) -> None:
        self._drifts = drifts
        self._references = references
        self._now_s = now_s
        self._from_reference = _Kept(_REFERENCE_EVERY_S, self._compared)
        self._between_arms = _Kept(_ARMS_EVERY_S, self._of_arms)

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        read_at_s = self._drifts.read_at_s
        if read_at_s is None or self._now_s() - read_at_s > FORGET_AFTER_S:
            raise SourceUnavailable("served.v1 has not been read to its end for some seconds")
        return [*self._from_reference.at(self._now_s()), *self._between_arms.at(self._now_s())]

    def _of_arms(self) -> Iterator[Sample]:
        """Each release's challenger against its stable arm."""
        for key, drift in self._drifts.drifts().items():
            yield from _of(key, drift)
        for key, mixes in self._drifts.mixes().items():
            for mix, apart in mixes.items():
                yield Sample("recommndr_drift_slots_mix_psi", apart.psi, (*key, mix))
                yield Sample("recommndr_drift_slots_mix_shoppers", min(apart.n_now, apart.n_before), (*key, mix))

    def _compared(self) -> Iterator[Sample]:
        """Each tenant's stable arm against its bundle's reference."""
        for tenant, (version, served) in self._drifts.stable().items():
            try:
                reference = self._references.of(version)
            except (OSError, ValueError) as cause:
                raise SourceUnavailable(f"bundle {version}: {cause}") from cause
            if reference is None or len(served.scores) < MIN_SHOPPERS:
                continue
            yield Sample("recommndr_drift_reference_shoppers", len(served.scores), (tenant,))
            for column, distance in reference.psi(served.inputs).items():
                yield Sample("recommndr_drift_reference_psi", distance, (tenant, column))


def _of(key: ReleaseKey, drift: ArmDrift) -> Iterator[Sample]:
    yield Sample("recommndr_drift_shoppers", drift.n_shoppers, key)
    yield Sample("recommndr_drift_scores_psi", drift.psi_of_scores, key)
    yield Sample("recommndr_drift_scores_ks", drift.ks_of_scores, key)
    yield Sample("recommndr_drift_score_gap", drift.gap_of_stable, (*key, "stable"))
    yield Sample("recommndr_drift_score_gap", drift.gap_of_challenger, (*key, "challenger"))
    for family, distances in (("recommndr_drift_psi", drift.psi), ("recommndr_drift_ks", drift.ks)):
        for column, distance in distances.items():
            yield Sample(family, distance, (*key, column))
