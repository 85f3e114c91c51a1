"""`recommndr-spark aggregate`: the weighted interactions of all tenants of a lake, in one run of Spark on this machine."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recommndr.tenancy import Tenants
from recommndr_lake_writer.aggregate import Weighing
from recommndr_lake_writer.evidence import ALS_FLOOR, Floor
from recommndr_lake_writer.files import event_files, tenants_of
from recommndr_lake_writer.lake import EVER_SINCE, EVER_UNTIL, policy_of
from recommndr_spark.aggregation import Request, run
from recommndr_spark.interactions import Period
from recommndr_spark.session import local_spark


class NoInteractions(ValueError):
    """The lake has no events of the tenants and the period asked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    lake: Path
    tenants: tuple[str, ...]
    policies: Tenants
    kinds: tuple[str, ...] | None
    period: Period
    half_life_days: float | None
    floor: Floor


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    parsed = _parser().parse_args(arguments)
    try:
        told = aggregate(_asked(parsed), parsed.out, parsed.memory_gb)
    except (ValueError, FileNotFoundError) as cause:
        sys.exit(f"error: {cause}")
    print(
        json.dumps(
            {tenant: {"als": of["als"], "why_no_als": of["why_no_als"], **of["evidence"]} for tenant, of in told.items()}
        )
    )


def aggregate(asked: _Asked, out: Path, memory_gb: float) -> dict[str, Any]:
    """Aggregate what is asked for into `out`; raises `NoInteractions`, or `UnknownKinds` before Spark is started."""
    files = event_files(asked.lake)
    known = tenants_of(files)
    if unknown := [tenant for tenant in asked.tenants if tenant not in known]:
        raise NoInteractions(f"no events of {unknown} in the lake {asked.lake}, which has {known}; import or simulate first")
    of_tenants = [file for file in files if not asked.tenants or file.tenant in asked.tenants]
    needed = asked.period.files(of_tenants)
    if not needed:
        days = (
            f"from {min(file.first_at for file in of_tenants):%Y-%m-%d} to {max(file.last_at for file in of_tenants):%Y-%m-%d}"
            if of_tenants
            else "none"
        )
        raise NoInteractions(
            f"no events within the period in the lake {asked.lake}, which has {days}: import it, or choose another period"
        )
    weighings = {
        tenant: Weighing.from_policy(policy_of(asked.policies.tenants, tenant), asked.kinds, asked.half_life_days)
        for tenant in tenants_of(of_tenants)
    }
    request = Request(weighings, asked.period, asked.floor)
    with (
        tempfile.TemporaryDirectory(prefix="recommndr-spark-") as temporary,
        local_spark(Path(temporary), memory_gb, show_progress=sys.stderr.isatty()) as spark,
    ):
        return run(spark, asked.lake, needed, request, out)


def _asked(parsed: argparse.Namespace) -> _Asked:
    return _Asked(
        lake=parsed.lake,
        tenants=tuple(parsed.tenant),
        policies=Tenants.from_yaml(parsed.tenants_file.read_text()),
        kinds=tuple(parsed.kinds.split(",")) if parsed.kinds else None,
        period=Period(parsed.since, parsed.until),
        half_life_days=parsed.half_life_days,
        floor=Floor(parsed.min_linking_users, parsed.min_shared_items),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="recommndr-spark", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser(
        "aggregate", help="lake -> pairs/tenant=…/*.parquet, tenants.json"
    )
    option = command.add_argument
    option("--lake", type=Path, required=True, help="the lake's folder, which has events/ in it")
    option("--out", type=Path, required=True, help="folder to write")
    option("--tenant", action="append", default=[], help="one tenant; may be repeated; by default all that have events")
    option("--tenants-file", type=Path, default=Path("tenants.yaml"), help="the tenants' policies with the weights")
    option("--since", type=_instant, default=EVER_SINCE, help="first instant, ISO 8601, UTC if it names no zone")
    option("--until", type=_instant, default=EVER_UNTIL, help="instant after the last one")
    option("--kinds", help="kinds that count, as view,purchase; by default all with a weight")
    option(
        "--half-life-days",
        type=float,
        help="age at which an event counts half; by default the tenant's for interest, none for sums",
    )
    option("--min-linking-users", type=int, default=ALS_FLOOR.n_linking_users, help="ALS floor: users with two items or more")
    option("--min-shared-items", type=int, default=ALS_FLOOR.n_shared_items, help="ALS floor: items with two users or more")
    option("--memory-gb", type=float, default=2.0, help="Java heap; what does not fit is spilled to disk")
    return parser


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
