"""`recommndr dataset`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from recommndr.identity import check_tenant
from recommndr.tenancy import Tenants
from recommndr_lake_writer.aggregate import Aggregate, Weighing, aggregate
from recommndr_lake_writer.aggregate_files import Aggregated, read_aggregate
from recommndr_lake_writer.files import event_files, tenants_of
from recommndr_lake_writer.lake import EVER_SINCE, EVER_UNTIL, iter_events, policy_of
from recommndr_training.console import Advance, explained, instant, progress, settings
from recommndr_training.retrieval import dataset as made

_DECIDED = (
    "--aggregated was summed already: --lake, --since, --until, --kinds and --half-life-days "
    "are options of `recommndr-spark aggregate`"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The tenant and period of a dataset."""

    lake: Path
    tenant: str
    since: datetime | None
    until: datetime | None

    def period(self) -> tuple[datetime, datetime]:
        return self.since or EVER_SINCE, self.until or EVER_UNTIL


def dataset(  # noqa: PLR0913, PLR0917 (options of a command)
    tenant: Annotated[str, typer.Option(help="Whose interactions.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    lake: Annotated[Path | None, typer.Option(help="Lake to read; by default the installation's.")] = None,
    min_interactions: Annotated[int, typer.Option(min=1, help="Fewest items of a user and users of an item.")] = 1,
    since: Annotated[str | None, typer.Option(help="First instant, ISO 8601 (UTC if it names no zone).")] = None,
    until: Annotated[str | None, typer.Option(help="Instant after the last one.")] = None,
    half_life_days: Annotated[
        float | None,
        typer.Option(help="Age at which an event counts half; by default the tenant's for interest, and none for the sums."),
    ] = None,
    aggregated: Annotated[
        Path | None, typer.Option(help="What `recommndr-spark aggregate` wrote, instead of a lake; its options count.")
    ] = None,
    kinds: Annotated[str | None, typer.Option(help="Kinds that count, as view,purchase; by default all with a weight.")] = None,
) -> None:
    """Turn interactions into training matrices: users x items, what ALS learns from, and positive and negative evidence."""
    with explained(ValueError):
        if aggregated:
            if any(option is not None for option in (lake, since, until, half_life_days, kinds)):
                raise ValueError(_DECIDED)
            found = read_aggregate(aggregated, check_tenant(tenant))
        else:
            policy = policy_of(Tenants.from_yaml(settings().tenants_file.read_text()).tenants, check_tenant(tenant))
            weighing = Weighing.from_policy(policy, kinds.split(",") if kinds else None, half_life_days)
            asked = _Asked(lake or settings().lake_dir, tenant, instant("--since", since), instant("--until", until))
            found = Aggregated(_of_lake(asked, weighing), weighing, asked.since, asked.until)
        about = {"tenant": tenant, "min_interactions": min_interactions} | _about(found)
        summary = made.write(made.build(found.aggregate, min_interactions), out, about)
        typer.echo(json.dumps(summary, indent=2, sort_keys=True))


def _of_lake(asked: _Asked, weighing: Weighing) -> Aggregate:
    files = event_files(asked.lake)
    of_tenant = [file for file in files if file.tenant == asked.tenant]
    if not of_tenant:
        raise made.NoInteractions(
            f"no interactions: tenant {asked.tenant!r} has no events in the lake {asked.lake}, which has "
            f"{', '.join(tenants_of(files)) or 'none of any tenant'}: import or simulate first, or name another --lake"
        )
    with progress("lines", sum(file.n_rows for file in of_tenant)) as advance:
        found = aggregate(_told(_tables(asked), advance), weighing, asked.until)
    if not found.pairs.num_rows:
        first_at, last_at = min(file.first_at for file in of_tenant), max(file.last_at for file in of_tenant)
        raise made.NoInteractions(
            f"no interactions: tenant {asked.tenant!r} has events from {first_at:%Y-%m-%d} to {last_at:%Y-%m-%d}, but none "
            f"within the period asked for that has an item and is of a kind that counts ({', '.join(weighing.weights)}): "
            "take a longer period (--since, --until) or more kinds (--kinds)"
        )
    return found


def _tables(asked: _Asked) -> Iterable[pa.Table]:
    return iter_events(asked.lake, asked.tenant, *asked.period())


def _told(tables: Iterable[pa.Table], advance: Advance) -> Iterator[pa.Table]:
    for table in tables:
        yield table
        advance(table.num_rows)


def _about(found: Aggregated) -> dict[str, Any]:
    return {
        "since": _iso(found.since),
        "until": _iso(found.until),
        "first_at": _iso(found.aggregate.first_at),
        "as_of": _iso(found.aggregate.as_of),
        "half_life_days": found.weighing.half_life_days,
        "interest": asdict(found.weighing.interest),
        "weights": dict(found.weighing.weights),
        "n_lines_by_kind": dict(found.aggregate.n_lines_by_kind),
    }


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
