"""The trainer: at each step it looks who is due, and lets a process train the next one. A step never waits for a training.

A heartbeat says that it lives. What a training does is in its own process, so one that hangs or dies is ended and counted.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Protocol, get_args

from apscheduler.triggers.cron import CronTrigger
from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from recommndr_training.retraining.due import Rules, due
from recommndr_training.retraining.outcome import Ending, Outcome
from recommndr_training.retraining.pool import Candidate
from recommndr_training.retraining.requests import Requests

_log = logging.getLogger(__name__)


class Metrics:
    """All instruments of the trainer."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.heartbeat = Gauge(
            "recommndr_trainer_heartbeat_seconds", "Time of the trainer's last step, in seconds since 1970", registry=registry
        )
        self.waiting = Gauge("recommndr_trainer_waiting", "Shops that wait for a training", registry=registry)
        self.trainings = Counter(
            "recommndr_trainer_trainings",
            "Trainings by ending: released, registered, kept (the last good version stays) or failed",
            ["ending"],
            registry=registry,
        )
        for ending in get_args(Ending):
            self.trainings.labels(ending)


class Schedule(Protocol):
    """Instants at which all shops with new events are trained."""

    def next_after(self, at: datetime) -> datetime | None:
        """The first instant after `at`; None if there is none."""
        ...


class CronSchedule:
    """A schedule in the notation of crontab, in UTC."""

    def __init__(self, crontab: str) -> None:
        """Raise `ValueError` for a text that is no crontab entry."""
        try:
            self._trigger = CronTrigger.from_crontab(crontab, timezone=UTC)
        except ValueError as cause:
            raise ValueError(f'schedule {crontab!r}: {cause}: expected crontab notation, as "0 3 * * *"') from None

    def next_after(self, at: datetime) -> datetime | None:
        """See `Schedule`."""
        found: datetime | None = self._trigger.get_next_fire_time(at, at)
        return found


class Trainer:
    """One installation's; trains `n_jobs` tenants at once, each tenant once at a time."""

    def __init__(  # noqa: PLR0913 what it decides by, and what it acts through
        self,
        rules: Rules,
        schedule: Schedule,
        requests: Requests,
        candidates: Callable[[], Sequence[Candidate]],
        train: Callable[[str], Outcome],
        *,
        metrics: Metrics,
        now: Callable[[], datetime],
        n_jobs: int = 1,
    ) -> None:
        self._rules, self._schedule, self._requests = rules, schedule, requests
        self._candidates, self._train, self._metrics, self._now = candidates, train, metrics, now
        self._n_jobs = n_jobs
        self._workers = ThreadPoolExecutor(n_jobs, thread_name_prefix="training")
        self._waiting: dict[str, str] = {}  # why, by tenant
        self._running: dict[str, Future[Outcome]] = {}
        self._next = schedule.next_after(now())

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits or is being trained."""
        return not self._waiting and not self._running

    def step(self) -> None:
        """Look once; raises what `candidates` raises."""
        now = self._now()
        self._metrics.heartbeat.set(now.timestamp())
        self._take_ended()
        self._look(now)
        while self._waiting and len(self._running) < self._n_jobs:
            self._begin(next(iter(self._waiting)))
        self._metrics.waiting.set(len(self._waiting))

    def _look(self, now: datetime) -> None:
        is_time = self._next is not None and now >= self._next
        free = [one for one in self._candidates() if one.tenant not in self._running]
        for tenant, why in due(free, self._requests.waiting(), self._rules, now.timestamp(), is_time=is_time).items():
            self._waiting.setdefault(tenant, why)
        if is_time:
            self._next = self._schedule.next_after(now)

    def _begin(self, tenant: str) -> None:
        _log.info("%s: training begins by %s", tenant, self._waiting.pop(tenant))
        self._requests.take(tenant)
        self._running[tenant] = self._workers.submit(self._train, tenant)

    def _take_ended(self) -> None:
        for tenant in [tenant for tenant, one in self._running.items() if one.done()]:
            outcome = self._running.pop(tenant).result()
            self._metrics.trainings.labels(outcome.ending).inc()
            _log.info("%s: training ended: %s: %s", tenant, outcome.ending, outcome.told)
