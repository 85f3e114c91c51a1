"""The upkeep of a test's lake."""

from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.upkeep import Upkeep
from tests.lake_writer.topic import NOW


def upkeep(lake: Path, now: datetime = NOW + timedelta(days=30), retention_hours: int = 168) -> Upkeep:
    """As of a month after the events of tests, so their days are over."""
    return Upkeep(lake, timedelta(hours=retention_hours), Metrics(CollectorRegistry()), lambda: now)
