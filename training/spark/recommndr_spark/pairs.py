"""Weighted sums per tenant, shopper and item, and the evidence for learning from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

from recommndr_lake_writer.aggregate import Weighing
from recommndr_lake_writer.evidence import Evidence
from recommndr_spark.interactions import EPOCH, micros

_DAY_US = 86_400e6


@dataclass(slots=True)
class Counted:
    """Counted lines of one tenant: number of each kind, and their time range."""

    first_at: datetime
    last_at: datetime
    n_lines_by_kind: dict[str, int] = field(default_factory=dict)


def counts(lines: DataFrame) -> dict[str, Counted]:
    """Counts of each tenant that has any."""
    span = (sql.unix_micros(sql.min("event_at")).alias("first"), sql.unix_micros(sql.max("event_at")).alias("last"))
    found: dict[str, Counted] = {}
    counting = lines.where(sql.col("weight").isNotNull())
    for row in counting.groupBy("tenant", "kind").agg(sql.count("*").alias("n"), *span).orderBy("tenant", "kind").collect():
        first, last = _instant(row["first"]), _instant(row["last"])
        of_tenant = found.setdefault(row["tenant"], Counted(first, last))
        of_tenant.first_at, of_tenant.last_at = min(of_tenant.first_at, first), max(of_tenant.last_at, last)
        of_tenant.n_lines_by_kind[row["kind"]] = row["n"]
    return found


def summed(lines: DataFrame, as_of: Mapping[str, datetime], weighings: Mapping[str, Weighing]) -> DataFrame:
    """Columns of `recommndr_lake_writer.aggregate.SCHEMA` and tenant, decayed as there, as of each tenant's newest instant."""
    known = {tenant: weighings[tenant] for tenant in as_of}
    of_interest = _decay(as_of, {tenant: how.interest.half_life_days for tenant, how in known.items()})
    of_sums = _decay(as_of, {tenant: how.half_life_days for tenant, how in known.items() if how.half_life_days is not None})
    weight = sql.coalesce(sql.col("weight"), sql.lit(0.0)) * sql.coalesce(of_sums, sql.lit(1.0))
    counts, nothing = sql.col("weight").isNotNull(), sql.lit(0.0)
    targets = sql.sum(sql.when(sql.col("is_target"), of_interest).otherwise(nothing))
    newest = sql.max_by(sql.col("interest_weight") * of_interest, sql.struct("event_at", "code"))
    return (
        lines.where(sql.col("tenant").isin(*as_of))
        .groupBy("tenant", "user_id", "item_id")
        .agg(
            sql.sum(sql.greatest(weight, nothing)).alias("positive"),
            sql.sum(sql.greatest(-weight, nothing)).alias("negative"),
            sql.when(targets > 0, targets).otherwise(newest).alias("interest"),
            sql.count("weight").alias("n_lines"),
            sql.max(sql.when(counts, sql.col("event_at"))).alias("last_at"),
        )
        .where(sql.col("n_lines") > 0)
    )


def evidence(pairs: DataFrame) -> dict[str, Evidence]:
    """Evidence of each tenant with any positive pair."""
    liked = pairs.where(sql.col("positive") > 0)
    per_user, per_item = (_per(liked, side) for side in ("user_id", "item_id"))
    found = {}
    for tenant, (n_users, n_linking_users, n_pairs) in per_user.items():
        n_items, n_shared_items, _ = per_item[tenant]
        found[tenant] = Evidence(n_users, n_items, n_pairs, n_linking_users, n_shared_items)
    return found


def _per(pairs: DataFrame, side: str) -> dict[str, tuple[int, int, int]]:
    """Per tenant: number of entities on this side, number of those with two pairs or more, number of pairs."""
    per_entity = pairs.groupBy("tenant", side).agg(sql.count("*").alias("n"))
    several = sql.sum(sql.when(sql.col("n") >= 2, 1).otherwise(0)).alias("several")
    rows = per_entity.groupBy("tenant").agg(sql.count("*").alias("all"), several, sql.sum("n").alias("pairs")).collect()
    return {row["tenant"]: (row["all"], row["several"], row["pairs"]) for row in rows}


def _decay(as_of: Mapping[str, datetime], half_life_days: Mapping[str, float]) -> Column:
    """What a line of each tenant counts by its age; null for tenants without a half-life."""
    if not half_life_days:
        return sql.lit(None).cast("double")
    instants = _by_tenant({tenant: micros(at) for tenant, at in as_of.items()})
    age_us = (instants - sql.unix_micros("event_at")).cast("double")
    return sql.pow(sql.lit(2.0), age_us / (-_by_tenant(half_life_days) * _DAY_US))


def _by_tenant(values: Mapping[str, float]) -> Column:
    return sql.create_map(*(sql.lit(part) for pair in values.items() for part in pair))[sql.col("tenant")]


def _instant(at_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=at_us)
