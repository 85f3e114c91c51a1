import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from lines import NOON
from pyspark.sql import SparkSession
from world import TENANTS

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.aggregate import Aggregate, Weighing, aggregate
from recommndr_lake_writer.aggregate_files import read_aggregate
from recommndr_lake_writer.evidence import Evidence, Floor
from recommndr_lake_writer.files import event_files
from recommndr_lake_writer.lake import iter_events
from recommndr_spark.aggregation import Request, run
from recommndr_spark.interactions import Period

POLICIES = {tenant: TenantPolicy() for tenant in TENANTS} | {"books": TenantPolicy(weights={"view": -0.5, "purchase": 7.0})}
FLOOR = Floor(n_linking_users=5, n_shared_items=5)
WHOLE = Period()
PART = Period(NOON + timedelta(hours=6), NOON + timedelta(days=3, seconds=1))


def request(period: Period, kinds: list[str] | None = None, half_life_days: float | None = None) -> Request:
    weighings = {tenant: Weighing.from_policy(policy, kinds, half_life_days) for tenant, policy in POLICIES.items()}
    return Request(weighings, period, FLOOR)


def in_process(lake: Path, tenant: str, asked: Request) -> Aggregate:
    period = asked.period
    as_of = None if period == WHOLE else period.until
    return aggregate(iter_events(lake, tenant, period.since, period.until), asked.weighings[tenant], as_of)


def evidence_of(found: Aggregate) -> Evidence:
    liked = [(row["user_id"], row["item_id"]) for row in found.pairs.to_pylist() if row["positive"] > 0]
    per_user, per_item = (
        [[pair[side] for pair in liked].count(one) for one in {pair[side] for pair in liked}] for side in (0, 1)
    )
    several = [sum(n >= 2 for n in counts) for counts in (per_user, per_item)]
    return Evidence(len(per_user), len(per_item), len(liked), *several)


@pytest.mark.parametrize(
    "asked",
    [request(WHOLE), request(WHOLE, half_life_days=2.5), request(PART, ["view", "dislike"], 0.5)],
    ids=["all there is", "older lines count less", "a period and some kinds"],
)
def test_spark_and_the_process_find_the_same_for_every_tenant(
    spark: SparkSession, lake: Path, tmp_path: Path, asked: Request
) -> None:
    files = asked.period.files(event_files(lake))
    told = run(spark, lake, files, asked, tmp_path)
    assert json.loads((tmp_path / "tenants.json").read_text()) == told
    n_pairs = 0
    for tenant in TENANTS:
        ours = in_process(lake, tenant, asked)
        read = read_aggregate(tmp_path, tenant)
        theirs = read.aggregate
        assert theirs.pairs.schema == ours.pairs.schema
        for name in ("user_id", "item_id", "n_lines", "last_at"):
            assert theirs.pairs[name].equals(ours.pairs[name]), (tenant, name)
        for name in ("interest", "positive", "negative"):
            np.testing.assert_allclose(theirs.pairs[name].to_numpy(), ours.pairs[name].to_numpy(), rtol=1e-9, atol=0)
        assert (theirs.n_lines_by_kind, theirs.first_at, theirs.as_of) == (ours.n_lines_by_kind, ours.first_at, ours.as_of)
        assert read.weighing == asked.weighings[tenant]
        assert (read.since, read.until) == ((None, None) if asked.period == WHOLE else (PART.since, PART.until))
        evidence = evidence_of(ours)
        assert told[tenant]["evidence"] == {name: getattr(evidence, name) for name in Evidence.__slots__}
        assert told[tenant]["why_no_als"] == FLOOR.lacks(evidence)
        assert told[tenant]["als"] == (FLOOR.lacks(evidence) is None)
        n_pairs += ours.pairs.num_rows
    assert n_pairs > 50


def test_a_tenant_below_the_floor_gets_no_als_and_its_pairs_all_the_same(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    told = run(spark, lake, event_files(lake), request(WHOLE), tmp_path)
    assert told["shop"]["als"]
    assert not told["small-0"]["als"]
    assert "of 5" in told["small-0"]["why_no_als"]
    assert read_aggregate(tmp_path, "small-0").aggregate.pairs.num_rows > 0


def test_spark_listens_on_loopback_only(spark: SparkSession) -> None:
    jvm = spark.sparkContext._gateway.proc.pid  # type: ignore[union-attr]
    sockets = {str(link.readlink()) for link in Path(f"/proc/{jvm}/fd").iterdir() if link.is_symlink()}
    heard = [
        fields[1].split(":")[0]
        for table in ("tcp", "tcp6")
        for fields in (line.split() for line in Path(f"/proc/{jvm}/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets
    ]
    assert heard
    assert set(heard) <= {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
