"""One run over the lake: pairs of all tenants as Parquet, and per tenant the counts and whether ALS can be trained."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import SparkSession

from recommndr_lake_writer.aggregate import Weighing
from recommndr_lake_writer.aggregate_files import tenants_file
from recommndr_lake_writer.evidence import Evidence, Floor
from recommndr_lake_writer.files import EventsFile
from recommndr_lake_writer.lake import EVER_SINCE, EVER_UNTIL
from recommndr_spark import pairs
from recommndr_spark.interactions import Period, counted, each_once, read
from recommndr_spark.pairs import Counted

_NOTHING = Evidence(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """Weights of each tenant's kinds, the period, and the ALS floor: the least evidence for training ALS."""

    weighings: Mapping[str, Weighing]
    period: Period
    floor: Floor


def run(spark: SparkSession, lake_dir: Path, files: list[EventsFile], request: Request, out: Path) -> dict[str, Any]:
    """Write `<out>/pairs/tenant=…/*.parquet` and `<out>/tenants.json`, and return what is in the latter.

    Pairs of tenants below the floor are written too, because other methods read them. `files` must not be empty.
    """
    written = out / "pairs"
    shutil.rmtree(written, ignore_errors=True)
    tenants_file(out).unlink(missing_ok=True)  # so that a failed run leaves no aggregate that looks complete
    lines = counted(each_once(read(spark, lake_dir, files)), request.weighings, request.period)
    # Read three times: counted by kind, summed, and for the newest instant, from which ages are counted.
    lines = lines.persist(StorageLevel.MEMORY_AND_DISK)
    found = pairs.counts(lines)
    as_of = {tenant: _as_of(request.period, of_tenant) for tenant, of_tenant in found.items()}
    evidence: dict[str, Evidence] = {}
    if found:
        sums = pairs.summed(lines, as_of, request.weighings)
        # A tenant's rows together; else every task writes a file for every tenant.
        sums.hint("rebalance", "tenant").write.partitionBy("tenant").parquet(str(written))
        evidence = pairs.evidence(spark.read.schema(sums.schema).parquet(str(written)))
    lines.unpersist()
    told = {
        tenant: _told(weighing, request, found.get(tenant), evidence.get(tenant, _NOTHING), as_of.get(tenant))
        for tenant, weighing in sorted(request.weighings.items())
    }
    out.mkdir(parents=True, exist_ok=True)
    tenants_file(out).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")
    return told


def _as_of(period: Period, of_tenant: Counted) -> datetime:
    return of_tenant.last_at if period.until == EVER_UNTIL else period.until


def _told(
    weighing: Weighing, request: Request, found: Counted | None, evidence: Evidence, as_of: datetime | None
) -> dict[str, Any]:
    lacking = request.floor.lacks(evidence)
    return {
        "als": lacking is None,
        "why_no_als": lacking,
        "evidence": asdict(evidence),
        "interest": asdict(weighing.interest),
        "weights": dict(weighing.weights),
        "since": None if request.period.since == EVER_SINCE else _iso(request.period.since),
        "until": None if request.period.until == EVER_UNTIL else _iso(request.period.until),
        "half_life_days": weighing.half_life_days,
        "n_lines_by_kind": found.n_lines_by_kind if found else {},
        "first_at": _iso(found.first_at) if found else None,
        "as_of": _iso(as_of) if as_of else None,
    }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
