"""Weighted sums per tenant, shopper and item, and the evidence for learning from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

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
    for row in lines.groupBy("tenant", "kind").agg(sql.count("*").alias("n"), *span).orderBy("tenant", "kind").collect():
        first, last = _instant(row["first"]), _instant(row["last"])
        of_tenant = found.setdefault(row["tenant"], Counted(first, last))
        of_tenant.first_at, of_tenant.last_at = min(of_tenant.first_at, first), max(of_tenant.last_at, last)
        of_tenant.n_lines_by_kind[row["kind"]] = row["n"]
    return found


def summed(lines: DataFrame, as_of: Mapping[str, datetime], half_life_days: float | None) -> DataFrame:
    """Columns of `recommndr_lake_writer.aggregate.SCHEMA` and tenant, decayed as there, as of each tenant's newest instant."""
    weight = sql.col("weight") * _decay(as_of, half_life_days)
    nothing = sql.lit(0.0)
    return (
        lines.withColumn("weight", weight)
        .groupBy("tenant", "user_id", "item_id")
        .agg(
            sql.sum(sql.greatest(sql.col("weight"), nothing)).alias("positive"),
            sql.sum(sql.greatest(-sql.col("weight"), nothing)).alias("negative"),
            sql.count("*").alias("n_lines"),
            sql.max("event_at").alias("last_at"),
        )
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


def _decay(as_of: Mapping[str, datetime], half_life_days: float | None) -> Column:
    if half_life_days is None:
        return sql.lit(1.0)
    instants = sql.create_map(*(sql.lit(part) for tenant, at in as_of.items() for part in (tenant, micros(at))))
    age_us = (instants[sql.col("tenant")] - sql.unix_micros("event_at")).cast("double")
    return sql.pow(sql.lit(2.0), age_us / sql.lit(-half_life_days * _DAY_US))


def _instant(at_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=at_us)
