"""Drift between the arms of releases, as samples of the exporter."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from recommndr_monitoring.drift.between_arms import ArmDrift
from recommndr_monitoring.drift.tail import ReleaseKey
from recommndr_monitoring.source import Sample, SourceUnavailable
from recommndr_monitoring.watch import FORGET_AFTER_S


class Drifts(Protocol):
    """What knows the drift; `recommndr_monitoring.drift.tail.ServedTail` is one."""

    @property
    def read_at_s(self) -> float | None:
        """When it last had read everything, epoch."""
        ...

    def drifts(self) -> Mapping[ReleaseKey, ArmDrift]:
        """The drift of each release whose arms have enough shoppers."""
        ...


class DriftSource:
    """A source beside the others; away while the topic cannot be read."""

    name = "served"

    def __init__(self, drifts: Drifts, now_s: Callable[[], float]) -> None:
        self._drifts = drifts
        self._now_s = now_s

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        read_at_s = self._drifts.read_at_s
        if read_at_s is None or self._now_s() - read_at_s > FORGET_AFTER_S:
            raise SourceUnavailable("served.v1 has not been read to its end for some seconds")
        return [sample for key, drift in self._drifts.drifts().items() for sample in _of(key, drift)]


def _of(key: ReleaseKey, drift: ArmDrift) -> Iterator[Sample]:
    yield Sample("recommndr_drift_shoppers", drift.n_shoppers, key)
    yield Sample("recommndr_drift_scores_psi", drift.psi_of_scores, key)
    yield Sample("recommndr_drift_scores_ks", drift.ks_of_scores, key)
    yield Sample("recommndr_drift_score_gap", drift.gap_of_stable, (*key, "stable"))
    yield Sample("recommndr_drift_score_gap", drift.gap_of_challenger, (*key, "challenger"))
    for family, distances in (("recommndr_drift_psi", drift.psi), ("recommndr_drift_ks", drift.ks)):
        for column, distance in distances.items():
            yield Sample(family, distance, (*key, column))
