"""`recommndr simulate`."""

import json
import resource
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from recommndr.identity import check_tenant
from recommndr.tenancy import Tenants
from recommndr_lake_writer.lake import policy_of
from recommndr_simulation.log import AlreadyThere
from recommndr_simulation.profile import UnknownProfile, profile_of
from recommndr_simulation.shop import Destination
from recommndr_simulation.shop import simulate as simulate_shop
from recommndr_simulation.storefront import NoAccess
from recommndr_training.commands.live_run import KeyFile
from recommndr_training.commands.simulate_live import LiveOptions, play_live
from recommndr_training.console import explained, progress, settings

_MEBIBYTE_KIB = 1024


def simulate(  # noqa: PLR0913, PLR0917 (options of a command)
    profile: Annotated[str, typer.Option(help="tiny (20 K events), small (120 K) or full (10 M).")] = "small",
    events: Annotated[int | None, typer.Option(help="About so many events, shoppers and items in proportion.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Random seed: another seed gives another shop; with --live other visitors.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Tenant of the simulated shop.")] = "boutique",
    lake: Annotated[Path | None, typer.Option(help="Lake to write to; by default the installation's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the planted truth; by default var/simulated/<tenant>.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Number of processes; the log does not depend on it.")] = 2,
    replace: Annotated[bool, typer.Option(help="Delete the tenant's events in the lake first.")] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Write nothing; send visitors of the shop in --out to the running platform."),
    ] = False,
    rate: Annotated[float, typer.Option(min=0.001, max=10_000, help="With --live: sessions that begin per second.")] = 2.0,
    duration: Annotated[str, typer.Option(help="With --live: how long sessions begin, as 90s, 5m or 1h.")] = "60s",
    time_scale: Annotated[
        float, typer.Option(min=0.0, help="With --live: think times are multiplied by it; 1 = as shoppers think.")
    ] = 0.02,
    key_file: KeyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --live: the summary as JSON.")] = False,
) -> None:
    """Write the events and catalogue of a simulated shop to the lake, and its planted truth to --out; or play it live."""
    started_s = time.perf_counter()
    with explained(UnknownProfile, AlreadyThere, NoAccess, ValueError):
        if live:
            truth_dir = (out or Path("var/simulated") / check_tenant(tenant)) / "truth"
            play_live(LiveOptions(tenant, truth_dir, rate, duration, time_scale, seed, key_file, as_json))
            return
        configured = settings()
        policies = Tenants.from_yaml(configured.tenants_file.read_text()).tenants
        to = Destination(
            tenant,
            policy_of(policies, tenant),
            lake or configured.lake_dir,
            (out or Path("var/simulated") / tenant) / "truth",
        )
        sizes = simulate_shop(profile_of(profile, events, seed), to, processes, progress, replace)
    peaks_kib = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    summary = asdict(sizes) | {
        "seconds": round(time.perf_counter() - started_s, 1),
        # The largest of the workers stands for each of them.
        "peak_mib": [round(peak / _MEBIBYTE_KIB) for peak in peaks_kib],
        "lake": str(to.lake_dir),
        "truth": str(to.truth_dir),
    }
    typer.echo(json.dumps(summary))
