"""`recommndr seed`."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from recommndr.generation import Generation
from recommndr.identity import check_tenant
from recommndr.tenancy import TenantPolicy
from recommndr_training import params
from recommndr_training.console import Profile, explained, progress, settings
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import KafkaSeedLog, SeedsNotPublished
from recommndr_training.live.seed_publisher import Publisher, Shop
from recommndr_training.live.taken_history import TakenHistory
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.shipping import seed, shipped


def seed_command(
    profile: Profile = "small",
    tenant: Annotated[
        str | None, typer.Option(help="Instead of a profile: a tenant without imported history; only the lake is replayed.")
    ] = None,
    publish_: Annotated[
        bool, typer.Option("--publish", help="Write the seeds to Kafka; without it only print what would be written.")
    ] = False,
) -> None:
    """Start live state anew: a profile's history, shifted by whole weeks to now, and all events in the installation's lake."""
    with explained(SeedsNotPublished, ValueError):
        shop = _of_profile(profile) if tenant is None else Shop(check_tenant(tenant), _policy(tenant))
        shift_weeks = timedelta(seconds=shop.shift_s) // timedelta(weeks=1)
        plan: dict[str, object] = {"tenant": shop.tenant, "seeds": len(shop.imported), "shift_weeks": shift_weeks}
        if publish_:
            generation = _publish(shop)
            if tenant is None:
                TakenHistory(profile, generation.shift_s or 0.0).write(settings().state_dir, shop.tenant)
            plan |= {"generation": generation.number, "seeds": sum(generation.n_seeds), "offsets": generation.offsets}
        typer.echo(json.dumps(plan | {"published": publish_}))


def _of_profile(profile: str) -> Shop:
    data = params.data(profile)
    seeds = seed.read(seed.seed_path(profile))
    shift = weeks_to_now(shipped.until(profile), datetime.now(UTC))
    return Shop(data.tenant, _policy(data.tenant), seeds.rows, shift.total_seconds())


def _policy(tenant: str) -> TenantPolicy:
    return params.policy(tenant, settings().tenants_file)


def _publish(shop: Shop) -> Generation:
    log = KafkaSeedLog(settings().kafka)
    try:
        with progress("seeds", None) as advance:
            lake = LiveLake(settings().lake_dir)
            return Publisher(log, lake, lambda: datetime.now(UTC), time.sleep, advance).publish(shop)
    finally:
        log.close()
