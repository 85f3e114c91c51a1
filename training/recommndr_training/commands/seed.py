"""`recommndr seed`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from recommndr.kafka_access import KafkaAccess
from recommndr_training import params
from recommndr_training.console import Profile, explained, progress, settings
from recommndr_training.live.seed_publisher import HISTORY_ONLY, Generation, KafkaSeedLog, SeedsNotPublished, publish
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.shipping import seed, shipped


def seed_command(
    profile: Profile = "small",
    publish_: Annotated[
        bool, typer.Option("--publish", help="Write the seeds to Kafka; without it only print what would be written.")
    ] = False,
) -> None:
    """Start live state from history: write a profile's seeds, shifted by whole weeks to now, to recommndr.seeds.v1."""
    with explained(SeedsNotPublished):
        data, now = params.data(profile), datetime.now(UTC)
        seeds = seed.read(seed.seed_path(profile))
        shift = weeks_to_now(shipped.until(profile), now)
        plan = {"tenant": data.tenant, "seeds": len(seeds.rows), "shift_weeks": shift // timedelta(weeks=1)}
        if publish_:
            generation = Generation(data.tenant, int(now.timestamp() * 1000), HISTORY_ONLY, shift.total_seconds())
            _publish(settings().kafka, seeds, generation)
            plan |= {"generation": generation.number}
        typer.echo(json.dumps(plan | {"published": publish_}))


def _publish(kafka: KafkaAccess, seeds: seed.SeedFile, generation: Generation) -> None:
    log = KafkaSeedLog(kafka)
    try:
        with progress("seeds", len(seeds.rows)) as advance:
            publish(log, seeds, generation, advance)
    finally:
        log.close()
