"""Spark in a Java child of this process: memory, folders, ports."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

_HOST = "127.0.0.1"
_LOGGING = Path(__file__).with_name("log4j2.properties")
_JAVA_OPTIONS = f"-XX:+UseSerialGC -Dlog4j2.configurationFile={_LOGGING.resolve().as_uri()}"


@contextmanager
def local_spark(
    temporary: Path, memory_gb: float = 2.0, show_progress: bool = False, java_options: str = ""
) -> Iterator[SparkSession]:
    """A Spark on all of this machine's cores, stopped at the end; what does not fit its memory goes to `temporary`.

    It listens on loopback only, has no web page, and fetches nothing.
    """
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ["SPARK_LOCAL_IP"] = _HOST
    n_cores = os.cpu_count() or 1
    settings = {
        "spark.driver.bindAddress": _HOST,
        "spark.driver.host": _HOST,
        "spark.driver.memory": f"{int(memory_gb * 1024)}m",
        "spark.driver.extraJavaOptions": f"{_JAVA_OPTIONS} {java_options}",
        "spark.local.dir": str(temporary.resolve()),
        "spark.sql.warehouse.dir": str((temporary / "warehouse").resolve()),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": str(show_progress).lower(),
        # Event times are instants; the session's time zone must not shift day boundaries.
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.shuffle.partitions": str(4 * n_cores),
        # We name files, not folders; listing a thousand folders in a job takes longer than reading their names.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    }
    builder = SparkSession.builder.master("local[*]").appName("recommndr")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
