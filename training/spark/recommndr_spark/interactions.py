"""The lake's lines as Spark reads them: live files only, each event once, counted kinds with their weight."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as sql
from pyspark.sql.types import (
    BooleanType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from recommndr_lake_writer.aggregate import Weighing
from recommndr_lake_writer.files import EventsFile
from recommndr_lake_writer.lake import EVER_SINCE, EVER_UNTIL, events_dir, may_hold

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_READ = StructType(
    [
        StructField("event_id", StringType()),
        StructField("kind", StringType()),
        StructField("user_id", StringType()),
        StructField("received_at", TimestampType()),
        StructField("event_at", TimestampType()),
        StructField("line_no", IntegerType()),
        StructField("item_id", StringType()),
        StructField("partition", IntegerType()),
        StructField("offset", LongType()),
        StructField("tenant", StringType()),
    ]
)
_KINDS = StructType(
    [
        StructField("tenant", StringType()),
        StructField("kind", StringType()),
        StructField("weight", DoubleType()),
        StructField("code", IntegerType()),
        StructField("interest_weight", DoubleType()),
        StructField("is_target", BooleanType()),
    ]
)
_EVENT = ("tenant", "event_id")
_RECORD = ("received_at", "partition", "offset")


@dataclass(frozen=True, slots=True)
class Period:
    """Events with `since <= event_at < until`."""

    since: datetime = EVER_SINCE
    until: datetime = EVER_UNTIL

    def files(self, files: Iterable[EventsFile]) -> list[EventsFile]:
        """The files that may have lines of the period."""
        return [file for file in files if may_hold(file.first_at, file.last_at, self.since, self.until)]


def read(spark: SparkSession, lake_dir: Path, files: Iterable[EventsFile]) -> DataFrame:
    """Lines of these files; Spark does not read Delta, so the tenant comes from the folder names."""
    root = events_dir(lake_dir).resolve()
    paths = [str(file.path.resolve()) for file in files]
    return spark.read.schema(_READ).option("basePath", str(root)).parquet(*paths)


def each_once(lines: DataFrame) -> DataFrame:
    """As `lake.first_of_each_event`: the first record of each (tenant, event_id), each line of it once."""
    # One sort order serves both steps; every other way sorts or shuffles the lines twice.
    event = Window.partitionBy(*_EVENT).orderBy(*(sql.col(name).asc_nulls_last() for name in _RECORD), "line_no")
    record = sql.struct(*_RECORD)
    asked = lines.withColumn("_first", sql.first(record).over(event)).withColumn("_line_before", sql.lag("line_no").over(event))
    return asked.where(record.eqNullSafe(sql.col("_first")) & ~sql.col("line_no").eqNullSafe(sql.col("_line_before")))


def counted(lines: DataFrame, weighings: Mapping[str, Weighing], period: Period) -> DataFrame:
    """Lines of the period with an item whose kind counts for their tenant: in the sums, with its `weight`, or for interest.

    `weight` is null for kinds that count for interest only. `is_target` is true of one line of each event with an item.
    """
    spark = lines.sparkSession
    at_us, until_us = sql.unix_micros("event_at"), micros(period.until)
    inside = (at_us >= micros(period.since)) & (at_us < until_us) & (sql.unix_micros("received_at") < until_us)
    kinds = [row for tenant, how in weighings.items() for row in _kinds(tenant, how)]
    of_event = Window.partitionBy(*_EVENT, "item_id").orderBy("line_no")
    return (
        lines.where(inside & sql.col("item_id").isNotNull())
        .join(sql.broadcast(spark.createDataFrame(kinds, _KINDS)), ["tenant", "kind"])
        .withColumn("is_target", sql.col("is_target") & (sql.row_number().over(of_event) == 1))
        .select("tenant", "kind", "user_id", "item_id", "event_at", "weight", "code", "interest_weight", "is_target")
    )


def _kinds(tenant: str, how: Weighing) -> Iterator[tuple[str, str, float | None, int, float, bool]]:
    for kind, code in how.interest.codes.items():
        yield tenant, kind, how.weights.get(kind), code, how.interest.weights[kind], kind == how.interest.target


def micros(at: datetime) -> int:
    """Microseconds since 1970, exact, as Spark's `unix_micros`."""
    return (at - EPOCH) // timedelta(microseconds=1)
