"""`recommndr replay --live`: a tenant's lake as traffic."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import uuid4

import typer

from recommndr_lake_writer.lake import events_dir, iter_events
from recommndr_simulation.clock import WALL_CLOCK
from recommndr_training.commands.live_run import server_key, until_stopped
from recommndr_training.console import settings
from recommndr_training.data.history import NoHistory
from recommndr_training.live.edge_client import EdgeClient, connect
from recommndr_training.live.live_replay import LiveReplay, Replaying, past_events, read_ahead


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The command's options."""

    tenant: str
    lake_dir: Path
    since: datetime
    until: datetime
    speed: float
    limit: int | None
    key_file: Path | None


def replay_live(options: LiveOptions) -> None:
    """Send a lake's events to the edge and print a summary; raises `NoAccess`, `NoHistory`."""
    installation, key = settings(), server_key(options.tenant, options.key_file)
    tables = iter_events(options.lake_dir, options.tenant, options.since, options.until)
    first = next(tables, None)
    if first is None:
        raise NoHistory(_nothing(options))
    how = Replaying(options.speed, uuid4())
    started: list[LiveReplay] = []

    async def work(stop: asyncio.Event) -> None:
        async with connect(installation, options.tenant, key, how.in_flight) as http:
            edge = EdgeClient(http)
            await edge.check(lists=False)
            started.append(LiveReplay(edge, how, WALL_CLOCK))
            await started[0].run(past_events(read_ahead(chain([first], tables)), options.limit), stop)

    until_stopped(work, lambda: started[0].sent.line if started else f"asking {installation.envoy_url}")
    told = {"tenant": options.tenant, "speed": options.speed, "run": how.run.hex}
    typer.echo(json.dumps(told | started[0].sent.summary()))


def _nothing(options: LiveOptions) -> str:
    if not events_dir(options.lake_dir).is_dir():
        return f"{options.lake_dir}: no lake; import or simulate a shop, or name another folder (--lake DIR)"
    return (
        f"{options.lake_dir}: no event of {options.tenant!r} from {options.since:%Y-%m-%d} to {options.until:%Y-%m-%d}: "
        "check --tenant, --since and --until"
    )
