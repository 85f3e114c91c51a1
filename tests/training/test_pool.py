"""Many shops are trained by a pool: the most urgent first, each with limits, and none stops another."""

import sys
import time
from collections import Counter
from contextlib import chdir
from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import SCHEMA
from recommndr_training import params
from recommndr_training.retraining import lake_part, live_profile, pool_run
from recommndr_training.retraining.outcome import Outcome
from recommndr_training.retraining.pool import Candidate, Pool, order
from recommndr_training.retraining.pool_run import Limits, OneTraining
from tests.training.test_joined import live_row

DAY_S = 86_400.0
NAMES = st.sampled_from([f"shop-{n}" for n in range(6)])


def released(tenant: str, n_rows: int = 0, at_s: float = 0.0) -> Outcome:
    return Outcome(tenant, "released", "", at_s, n_rows=n_rows)


def failed(tenant: str) -> Outcome:
    return Outcome(tenant, "failed", "", 0.0)


@given(n_new=st.integers(1, 10_000), days=st.floats(0, 400), more=st.integers(1, 1_000))
def test_more_that_is_new_and_a_longer_wait_are_more_urgent(n_new: int, days: float, more: int) -> None:
    now_s = days * DAY_S
    shops = [Candidate("few", n_new + 10, released("few", 10)), Candidate("many", n_new + more + 10, released("many", 10))]
    assert order(shops, now_s) == ["many", "few"]
    waits = [
        Candidate("lately", n_new, released("lately", 0, now_s)),
        Candidate("stale", n_new, released("stale", 0, now_s - more)),
    ]
    assert order(waits, now_s) == ["stale", "lately"]


def test_a_shop_without_anything_new_is_not_trained_and_one_that_failed_is() -> None:
    assert order([Candidate("same", 5, released("same", 5)), Candidate("erased", 3, released("erased", 5))], 0.0) == []
    assert order([Candidate("again", 5, Outcome("again", "failed", "", 0.0, n_rows=5))], 0.0) == ["again"]


@given(tenants=st.lists(NAMES, min_size=1), faulty=st.sets(NAMES), n_jobs=st.integers(1, 4), max_tries=st.integers(1, 3))
def test_each_shop_is_trained_whatever_the_others_do(tenants: list[str], faulty: set[str], n_jobs: int, max_tries: int) -> None:
    def train(tenant: str) -> Outcome:
        return failed(tenant) if tenant in faulty else released(tenant)

    ended = list(pool_run.run(Pool.of(tenants, max_tries), n_jobs, train))
    expected = {tenant: max_tries if tenant in faulty else 1 for tenant in tenants}
    assert Counter(outcome.tenant for outcome in ended) == expected


def test_one_that_failed_waits_behind_all_others() -> None:
    pool = Pool.of(["a", "b"], max_tries=2)
    first, pool = pool.begun()
    assert pool.ended(failed(first)).waiting == ("b", "a")


def one(folder: Path, code: str, max_s: float = 60.0) -> Outcome:
    """A training whose process runs `code`."""
    with chdir(folder):
        train = OneTraining(Limits(max_s, nice=11, memory_mb=512), "tests", time.time, {}, (sys.executable, "-c", code))
        return train("bakery")


def test_a_training_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    outcome = one(tmp_path, "import time; time.sleep(600)", max_s=0.5)
    assert outcome.ending == "failed" and "took longer" in outcome.told
    assert Outcome.read(tmp_path / params.profile_dir(live_profile.profile_of("bakery"))) == outcome


def test_a_training_that_takes_too_much_memory_fails_alone(tmp_path: Path) -> None:
    outcome = one(tmp_path, "import time; time.sleep(0.5); bytearray(2**30)")
    assert outcome.ending == "failed" and "without an outcome" in outcome.told


def test_a_training_is_polite(tmp_path: Path) -> None:
    code = "import os, time; time.sleep(0.5); print(os.getpriority(os.PRIO_PROCESS, 0))"
    one(tmp_path, code)
    log = tmp_path / params.profile_dir(live_profile.profile_of("bakery")) / pool_run.LOG
    assert log.read_text().strip() == "11"


def test_rows_of_each_shop_are_told_by_the_log_of_the_lake(tmp_path: Path) -> None:
    assert lake_part.rows_by_tenant(tmp_path) == {}
    rows = [live_row("1"), live_row("2"), live_row("3", tenant="grocer")]
    EventsTable(tmp_path).append(pa.Table.from_pylist(rows, SCHEMA), {})
    assert lake_part.rows_by_tenant(tmp_path) == {"bakery": 2, "grocer": 1}
