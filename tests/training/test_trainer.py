"""The trainer trains by schedule, by volume and on request, one shop at a time, and says that it lives."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from recommndr_training.retraining.due import Rules, due
from recommndr_training.retraining.outcome import Outcome
from recommndr_training.retraining.pool import Candidate
from recommndr_training.retraining.requests import Requests
from recommndr_training.retraining.trainer import CronSchedule, Metrics, Trainer
from tests.patience import eventually

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
NOON_S = NOON.timestamp()


class Shops:
    """Shops, a clock and trainings that a test moves by hand."""

    def __init__(self, state_dir: Path, at: str = "0 3 * * *", n_jobs: int = 1) -> None:
        self.now = NOON
        self.n_rows = {"bakery": 100, "grocer": 9_000}
        self.last: dict[str, Outcome] = {}
        self.began: list[str] = []
        self.may_end = threading.Event()
        self.ending: Callable[[str], Outcome] = self.released
        self.requests = Requests(state_dir)
        self.metrics = Metrics(CollectorRegistry())
        self.trainer = Trainer(
            Rules(min_new=5_000), CronSchedule(at), self.requests, self.candidates, self.train,
            metrics=self.metrics, now=lambda: self.now, n_jobs=n_jobs,
        )  # fmt: skip

    def candidates(self) -> list[Candidate]:
        return [Candidate(tenant, n, self.last.get(tenant)) for tenant, n in self.n_rows.items()]

    def released(self, tenant: str) -> Outcome:
        return Outcome(tenant, "released", "", self.now.timestamp(), n_rows=self.n_rows[tenant])

    def train(self, tenant: str) -> Outcome:
        self.began.append(tenant)
        assert self.may_end.wait(60)
        self.last[tenant] = self.ending(tenant)
        return self.last[tenant]

    def step_until_idle(self) -> None:
        def idle() -> bool:
            self.trainer.step()
            return self.trainer.is_idle

        eventually(idle, "all trainings have ended")

    def figure(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


def test_many_new_events_start_a_training_and_few_wait_for_the_schedule(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    shops.may_end.set()
    shops.step_until_idle()
    assert shops.began == ["grocer"]
    shops.now = datetime(2026, 3, 15, 3, 0, 1, tzinfo=UTC)
    shops.step_until_idle()
    assert shops.began == ["grocer", "bakery"]
    shops.step_until_idle()
    assert shops.figure("recommndr_trainer_trainings_total", ending="released") == 2


def test_a_request_starts_a_training_even_if_nothing_is_new(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    shops.n_rows = {"bakery": 0}
    shops.requests.ask("bakery")
    shops.may_end.set()
    shops.step_until_idle()
    shops.step_until_idle()
    assert shops.began == ["bakery"]
    assert shops.requests.waiting() == []


def test_one_training_runs_at_a_time_and_the_trainer_lives_meanwhile(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    shops.requests.ask("bakery")
    shops.trainer.step()
    shops.requests.ask("bakery")  # while it is being trained: another one
    for _ in range(3):
        shops.now += timedelta(seconds=5)
        shops.trainer.step()
    assert shops.began == ["bakery"]
    assert shops.figure("recommndr_trainer_heartbeat_seconds") == shops.now.timestamp()
    assert shops.figure("recommndr_trainer_waiting") == 1  # the grocer
    shops.may_end.set()
    shops.step_until_idle()
    assert Counter(shops.began) == {"bakery": 2, "grocer": 1}


def test_one_that_failed_waits_before_volume_counts_again(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    shops.ending = lambda tenant: Outcome(tenant, "failed", "", shops.now.timestamp())
    shops.may_end.set()
    shops.step_until_idle()
    shops.step_until_idle()
    assert shops.began == ["grocer"]
    shops.now += timedelta(hours=2)
    shops.step_until_idle()
    assert shops.began == ["grocer", "grocer"]


@given(asked=st.sets(st.sampled_from(["a", "b", "c", "nobody"])), is_time=st.booleans(), n_new=st.integers(0, 9_999))
def test_whoever_is_asked_for_comes_first_and_nobody_twice(asked: set[str], is_time: bool, n_new: int) -> None:
    shops = [Candidate(name, n_new) for name in ("a", "b", "c")]
    found = due(shops, sorted(asked), Rules(), NOON_S, is_time=is_time)
    first = sorted(asked - {"nobody"})
    assert list(found)[: len(first)] == first
    assert set(found) <= {"a", "b", "c"}


def test_a_schedule_that_is_no_crontab_is_refused() -> None:
    with pytest.raises(ValueError, match="crontab"):
        CronSchedule("at night")
