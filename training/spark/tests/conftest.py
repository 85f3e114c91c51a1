"""Fixtures: a lake, and one Spark for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import world
from pyspark.sql import SparkSession

from recommndr_spark.session import local_spark


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of `world`."""
    return world.lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One Spark per module: the command under test starts and stops its own in the same Java process."""
    # Compiled for a quick start, because the runs end before the optimising compiler pays.
    with local_spark(tmp_path_factory.mktemp("spark"), memory_gb=1.0, java_options="-XX:TieredStopAtLevel=1") as session:
        session.conf.set("spark.sql.shuffle.partitions", "2")
        yield session
