"""`recommndr replay`."""

import json
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from recommndr.identity import check_tenant
from recommndr_lake_writer.lake import EVER_SINCE, EVER_UNTIL
from recommndr_simulation.storefront import NoAccess
from recommndr_training import params
from recommndr_training.commands.live_run import KeyFile
from recommndr_training.commands.replay_live import LiveOptions, replay_live
from recommndr_training.console import Advance, explained, instant, progress, settings
from recommndr_training.data import history
from recommndr_training.data.history import NoHistory
from recommndr_training.examples.replay import Replay
from recommndr_training.examples.shard_pool import ReplayFailed, ShardPool
from recommndr_training.shipping import seed


def replay(  # noqa: PLR0913, PLR0917 (options of a command)
    tenant: Annotated[str, typer.Option(help="Whose events.")],
    lake: Annotated[Path | None, typer.Option(help="Lake to read; by default the installation's.")] = None,
    until: Annotated[str | None, typer.Option(help="Instant after the last event, ISO 8601 (UTC if it names no zone).")] = None,
    out: Annotated[Path | None, typer.Option(help="Seed file to write: every shopper's and item's state.")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Number of processes; the result does not depend on it.")] = 2,
    live: Annotated[bool, typer.Option("--live", help="Send the events to the running platform instead, as new ones.")] = False,
    speed: Annotated[float, typer.Option(min=0.001, help="With --live: how many times faster than it happened.")] = 3_600.0,
    since: Annotated[str | None, typer.Option(help="With --live: instant of the first event, ISO 8601.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="With --live: send at most so many events.")] = None,
    key_file: KeyFile = None,
) -> None:
    """Replay a tenant's events from the lake: into the states of all feature groups, or with --live to the running platform."""
    with explained(NoHistory, ReplayFailed, NoAccess, ValueError):
        if live:
            from_, to = instant("--since", since) or EVER_SINCE, instant("--until", until) or EVER_UNTIL
            lake_dir = lake or settings().lake_dir
            replay_live(LiveOptions(check_tenant(tenant), lake_dir, from_, to, speed, limit, key_file))
            return
        if since is not None or limit is not None:
            raise ValueError("--since and --limit: expected --live with them; state is folded from all events up to --until")
        policy = params.policy(check_tenant(tenant), settings().tenants_file)
        cut = instant("--until", until) or EVER_UNTIL
        events = history.of_lake(lake or settings().lake_dir, tenant, policy.own_kinds, cut)
        first = next(events)  # problems of the lake are reported before any process starts
        pool = ShardPool.start(policy.counting, processes)
        with progress("events", None) as advance:
            told = _replayed(chain([first], events), pool, cut.timestamp(), out, advance)
        typer.echo(json.dumps({"tenant": tenant, "processes": processes} | told))


def _replayed(
    events: Iterator[pa.Table], pool: ShardPool, until_s: float, out: Path | None, advance: Advance
) -> dict[str, int | float | str]:
    n_events, began = 0, time.monotonic()

    def heard(n: int) -> None:
        nonlocal n_events
        n_events += n
        advance(n)

    with Replay(events, pool, heard) as going:
        going.advance_to(until_s)
        n_users, n_items = going.count()
        folded_s = time.monotonic() - began
        figures: dict[str, int | float | str] = {"events": n_events, "users": n_users, "items": n_items}
        figures |= {"seconds": round(folded_s, 1), "events_per_s": round(n_events / folded_s)}
        if out is not None:
            figures |= {"out": str(out), "seeds": seed.write(going, out)}
        return figures | {"seconds_with_seeds": round(time.monotonic() - began, 1), "peak_mb": round(pool.peak_mb())}
