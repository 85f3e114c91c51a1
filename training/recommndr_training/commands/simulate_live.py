"""`recommndr simulate --live`: the simulated shop as live traffic."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import typer

from recommndr_simulation.clock import WALL_CLOCK
from recommndr_simulation.live.market import Market
from recommndr_simulation.live.traffic import Pace, Traffic
from recommndr_simulation.world import World
from recommndr_training.commands.live_run import server_key, until_stopped
from recommndr_training.console import duration_s, settings
from recommndr_training.live.edge_client import EdgeClient, connect


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The command's options."""

    tenant: str
    truth_dir: Path
    rate: float
    duration: str
    time_scale: float
    seed: int | None
    key_file: Path | None
    as_json: bool


def play_live(options: LiveOptions) -> None:
    """Send visitors to the edge and print a summary; raises `NoAccess`, `FileNotFoundError`, `ValueError`."""
    installation, key = settings(), server_key(options.tenant, options.key_file)
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    pace = Pace(options.rate, duration_s("--duration", options.duration), seed, uuid4(), options.time_scale)
    market = Market(World.load(options.truth_dir))
    played: list[Traffic] = []

    async def work(stop: asyncio.Event) -> None:
        async with connect(installation, options.tenant, key, pace.in_flight) as http:
            edge = EdgeClient(http)
            await edge.check()
            played.append(Traffic(market, edge, pace, WALL_CLOCK))
            await played[0].run(stop)

    until_stopped(work, lambda: played[0].tally.line if played else f"asking {installation.envoy_url}")
    summary = {"tenant": options.tenant, "seed": seed, "run": pace.run.hex} | played[0].tally.summary()
    typer.echo(json.dumps(summary) if options.as_json else "\n".join(_told(summary)))


def _told(summary: dict[str, Any]) -> list[str]:
    seen, failed = summary["recommended"], summary["failed"]
    return [
        f"sessions     {summary['sessions']} ({summary['new']} new, {summary['guests']} begun as guests, "
        f"{summary['cut_short']} cut short), seed {summary['seed']}",
        f"requests     {_pairs(summary['requests'])}",
        f"events       {_pairs(summary['events'])}",
        f"recommended  {seen['lists_shown']} lists, {seen['items_shown']} items shown, {seen['clicks']} clicks, "
        f"CTR {_percent(seen['ctr'])}",
        f"by place     {'  '.join(_percent(share) for share in seen['ctr_by_place'])}",
        f"outcomes     {summary['carts']} carts, {summary['orders']} orders ({summary['order_lines']} lines, "
        f"{summary['attributed_orders']} attributed), conversion {_percent(summary['conversion'])} of sessions",
        f"ladder       {_pairs(summary['ladder'], _percent)}",
        f"versions     {_pairs(summary['model_versions'], _percent)}",
        *(f"{name + ' ms':<27}{_pairs(taken)}" for name, taken in summary["latency_ms"].items()),
        *(f"FAILED       {n['times']} x {reason} ({n['example']})" for reason, n in failed.items()),
    ]


def _pairs(values: dict[str, Any], as_text: Any = str) -> str:
    return ", ".join(f"{name} {as_text(value)}" for name, value in values.items()) or "none"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
