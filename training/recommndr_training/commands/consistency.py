"""`recommndr consistency`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from kafka.errors import KafkaError

from recommndr.bundle import BundleRefused
from recommndr.identity import check_tenant
from recommndr.private_file import write_private
from recommndr.release_policy import RULES
from recommndr.tenancy import Tenants
from recommndr_lake_writer.lake import policy_of
from recommndr_training.console import duration_s, explained, progress, settings
from recommndr_training.data.history import NoHistory
from recommndr_training.live import consistency_run
from recommndr_training.live.consistency import Consistency
from recommndr_training.live.consistency_run import Asked, NothingToCompare

_N_TOLD = 10
_HEAD = f"{'column':34} {'exact':>7} {'differ':>7}  largest difference, and the request where it is"


def consistency(  # noqa: PLR0913, PLR0917 (options of a command)
    tenant: Annotated[str, typer.Option(help="Whose answers.")],
    last: Annotated[str, typer.Option(help="How far back, as 90s, 15m, 1h or 3d.")] = "1d",
    since: Annotated[
        datetime | None, typer.Option(help="Only answers from this instant on, ISO 8601 in UTC; instead of --last.")
    ] = None,
    answers: Annotated[int, typer.Option(min=1, help="Compare at most so many, spread evenly over the period.")] = 1_000,
    lag: Annotated[
        str, typer.Option(help="Events take so long to the slots at most; answers to shoppers who just acted are left out.")
    ] = "10s",
    settle: Annotated[
        str, typer.Option(help="Leave out answers younger than this: the lake has events some seconds later.")
    ] = "1m",
    lake: Annotated[Path | None, typer.Option(help="Lake to replay; by default the installation's.")] = None,
    bundles: Annotated[
        Path | None, typer.Option(help="Folder of a slot's copies of bundles; by default the installation's.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Profile whose history was published as seeds, where the lake lacks that history.")
    ] = None,
) -> None:
    """Compare logged ranker inputs with a replay of the lake to the same instants; exit status 2 when a column differs."""
    with explained(KafkaError, OSError, ValueError, NothingToCompare, NoHistory, BundleRefused):
        installation, now = settings(), datetime.now(UTC)
        policy = policy_of(Tenants.from_yaml(installation.tenants_file.read_text()).tenants, check_tenant(tenant))
        begin = now - timedelta(seconds=duration_s("--last", last)) if since is None else since.replace(tzinfo=UTC)
        lag_s, settle_s = duration_s("--lag", lag), duration_s("--settle", settle)
        folders = lake or installation.lake_dir, bundles or installation.state_dir / "bundles"
        asked = Asked(check_tenant(tenant), begin, now, answers, lag_s, *folders, settle_s, profile)
        with progress("events", None) as advance:
            made = consistency_run.made(installation, policy, asked, advance)
        path = installation.consistency_dir / f"{tenant}.json"
        write_private(path, json.dumps(made.to_json(), indent=1))
    typer.echo("\n".join(_told(made, path)))
    if made.differing > RULES["consistency"].limit:
        raise typer.Exit(2)


def _told(made: Consistency, path: Path) -> list[str]:
    lines = [
        f"{column.name:34} {column.exact:7.2%} {column.differing:7.2%}  {column.largest:.6g} ({column.request_id})"
        for column in made.columns[:_N_TOLD]
    ]
    verdict = (
        f"{made.n_answers} answers compared; left out: {made.n_in_flight} of shoppers who had just done something, "
        f"{made.n_left_out} whose candidate the replay lacks"
    )
    limit = RULES["consistency"].limit
    worst = f"the worst column differs in {made.differing:.2%} of them, limit {limit:.0%}"
    return [_HEAD, *lines, verdict, worst, f"all {len(made.columns)} columns: {path}"]
