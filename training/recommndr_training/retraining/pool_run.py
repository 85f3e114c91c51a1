"""Runs the trainings of a pool: each a process of its own with a time limit, a nice value and a memory limit."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from recommndr_training import params
from recommndr_training.retraining import live_profile
from recommndr_training.retraining.outcome import OUTCOME, Outcome
from recommndr_training.retraining.pool import Pool

LOG = "training.log"  # beside the outcome
_PROGRAM = ("-m", "recommndr_training.cli", "train", "--tenant")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one training may use."""

    max_s: float = 7_200.0
    nice: int = 10
    memory_mb: int = 8_192


@dataclass(frozen=True, slots=True)
class OneTraining:
    """Trains one tenant in a process of its own; its words go to a file."""

    limits: Limits
    by: str
    now_s: Callable[[], float]
    environment: Mapping[str, str]
    program: tuple[str, ...] = field(default=(sys.executable, *_PROGRAM))

    def __call__(self, tenant: str) -> Outcome:
        """How it ended. Nothing is raised: one shop's failure is no other's."""
        folder = params.profile_dir(live_profile.profile_of(tenant))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / OUTCOME).unlink(missing_ok=True)
        try:
            status = self._status(tenant, folder)
            written = Outcome.read(folder)
        except (OSError, ValueError, TypeError) as cause:
            return self._failed(tenant, folder, str(cause))
        if status is None:
            return self._failed(tenant, folder, f"took longer than {self.limits.max_s:.0f} s and was ended")
        if written is None or status < 0:
            return self._failed(tenant, folder, f"ended with status {status} without an outcome; see {folder / LOG}")
        return written

    def _status(self, tenant: str, folder: Path) -> int | None:
        with (folder / LOG).open("w") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*self.program, tenant, "--by", self.by],
                env=dict(self.environment), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            os.setpriority(os.PRIO_PROCESS, process.pid, self.limits.nice)
            size = self.limits.memory_mb * 2**20
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (size, size))
            try:
                return process.wait(self.limits.max_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # its own group: stages may have workers
                process.wait()
                return None

    def _failed(self, tenant: str, folder: Path, told: str) -> Outcome:
        outcome = Outcome(tenant, "failed", told, self.now_s())
        outcome.write(folder)
        return outcome


def run(pool: Pool, n_jobs: int, train: Callable[[str], Outcome]) -> Iterator[Outcome]:
    """Train all of a pool, `n_jobs` at once; yields each outcome when it is there, repeats included."""
    with ThreadPoolExecutor(n_jobs) as workers:
        under_way: set[Future[Outcome]] = set()
        while not pool.is_done:
            while pool.waiting and len(under_way) < n_jobs:
                tenant, pool = pool.begun()
                under_way.add(workers.submit(train, tenant))
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for outcome in (one.result() for one in done):
                pool = pool.ended(outcome)
                yield outcome
