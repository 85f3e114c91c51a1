"""Follows `recommndr.served.v1` from an hour ago and keeps the windows of each release's arms.

One thread reads, any may ask. An unreadable record is counted, logged and passed over.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kafka import KafkaConsumer

from recommndr.identity import split_key
from recommndr.kafka_access import KafkaAccess
from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_background.work import Work
from recommndr_monitoring.drift.between_arms import ArmDrift, between
from recommndr_monitoring.drift.window import N_SLICES, SLICE_S, ArmWindow, Drawn, Sample
from recommndr_tail.follower import Batches, Ends, Follower, has_read

_log = logging.getLogger(__name__)
ARMS = ("stable", "challenger")
_MAX_RELEASES = 3  # of a tenant: the newest ones


class ReleaseKey(NamedTuple):
    """A release of a tenant."""

    tenant: str
    release: str


class Windows:
    """The windows of all releases' arms. Not safe for threads."""

    def __init__(self) -> None:
        self._arms: dict[ReleaseKey, dict[str, ArmWindow]] = {}
        self._names: dict[str, tuple[str, ...]] = {}  # of ranker inputs, by version of a bundle

    def add(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """Take one answer."""
        version, inputs, score = answer.model_version, answer.drawn_inputs, answer.drawn_score
        if answer.columns and version:
            self._names[version] = answer.columns
        if version is None or answer.release is None or answer.arm not in ARMS or inputs is None or score is None:
            return
        window = self._window(ReleaseKey(tenant, answer.release), answer.arm, version, len(inputs))
        gap = float(answer.scores[0] - answer.scores[-1]) if len(answer.scores) > 1 else float("nan")
        window.add(Drawn(user_id, answer.at_s, inputs, score, gap))

    def _window(self, key: ReleaseKey, arm: str, version: str, n_columns: int) -> ArmWindow:
        arms = self._arms.setdefault(key, {})
        if arm not in arms or (arms[arm].model_version, arms[arm].n_columns) != (version, n_columns):
            arms[arm] = ArmWindow(version, n_columns)
            of_tenant = [one for one in self._arms if one.tenant == key.tenant]
            for old in of_tenant[:-_MAX_RELEASES]:
                del self._arms[old]
        return arms[arm]

    def forget(self, now_s: float) -> None:
        """Let go of what is older than the window."""
        for arms in self._arms.values():
            for window in arms.values():
                window.forget(now_s)

    def drifts(self) -> dict[ReleaseKey, ArmDrift]:
        """The drift of each release whose arms have enough shoppers."""
        found = {key: self._drift(arms) for key, arms in self._arms.items()}
        return {key: drift for key, drift in found.items() if drift is not None}

    def stable(self) -> dict[str, tuple[str, Sample]]:
        """By tenant the version of its newest release's stable arm, and what that arm was served."""
        windows = {key.tenant: arms["stable"] for key, arms in self._arms.items() if "stable" in arms}
        return {tenant: (window.model_version, window.sample()) for tenant, window in windows.items()}

    def _drift(self, arms: Mapping[str, ArmWindow]) -> ArmDrift | None:
        stable, challenger = (arms.get(arm) for arm in ARMS)
        return None if stable is None or challenger is None else between(stable, challenger, self._names)


class ServedTail:
    """A `Reader` of the topic."""

    def __init__(self, kafka: KafkaAccess, now_s: Callable[[], float]) -> None:
        self._follower = Follower("served", kafka, "recommndr-monitoring-served", (SERVED.name,), self)
        self._now_s = now_s
        self._windows = Windows()
        self._lock = threading.Lock()
        self._awaited: Ends | None = None  # what the first connection has to read; None before it
        self._read_at_s: float | None = None
        self.n_unreadable = 0

    @property
    def work(self) -> Work:
        """The step for a background loop."""
        return self._follower.work

    @property
    def read_at_s(self) -> float | None:
        """When it last had read everything, epoch; None before it has read what there was at start."""
        return self._read_at_s

    def drifts(self) -> dict[ReleaseKey, ArmDrift]:
        """The drift of each release whose arms have enough shoppers."""
        with self._lock:
            self._windows.forget(self._now_s())
            return self._windows.drifts()

    def stable(self) -> dict[str, tuple[str, Sample]]:
        """By tenant the version of its newest release's stable arm, and what that arm was served."""
        with self._lock:
            self._windows.forget(self._now_s())
            return self._windows.stable()

    def connected(self, consumer: KafkaConsumer) -> None:
        """See `Reader.connected`: passes over what is older than the window."""
        places = list(consumer.assignment())
        since_ms = int(1_000 * (self._now_s() - SLICE_S * N_SLICES))
        ends, found = consumer.end_offsets(places), consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        for place in places:
            first = ends[place] if found[place] is None else found[place].offset
            if consumer.position(place) < first:
                consumer.seek(place, first)
        if self._awaited is None:
            self._awaited = ends

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        for partition, batch in batches.items():
            for record in batch:
                try:
                    tenant, user_id = split_key(record.key or b"")
                    answer = ServedAnswer.from_bytes(record.value or b"")
                except ValueError as cause:
                    self.n_unreadable += 1
                    _log.warning("served: passed over %s:%d:%d: %s", *partition, record.offset, cause)
                    continue
                with self._lock:
                    self._windows.add(tenant, user_id, answer)

    def polled(self, consumer: KafkaConsumer) -> None:
        """See `Reader.polled`."""
        if self._awaited and not has_read(consumer, self._awaited):
            return
        self._awaited = {}
        self._read_at_s = self._now_s()
