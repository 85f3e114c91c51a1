"""`recommndr drift`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from kafka.errors import KafkaError

from recommndr.identity import check_tenant
from recommndr_training.console import duration_s, explained, settings
from recommndr_training.live import drift_report
from recommndr_training.live.drift_report import NothingBeside
from recommndr_training.live.served_topic import ServedAnswers


def drift(
    tenant: Annotated[str, typer.Option(help="Whose release.")],
    out: Annotated[Path, typer.Option(help="HTML file to write, with the plots inside.")] = Path("drift.html"),
    last: Annotated[str, typer.Option(help="How far back to look for a release with both slots, as 1h or 3d.")] = "2h",
) -> None:
    """Plot how what the challenger's slot is served differs from the stable slot, column by column."""
    with explained(KafkaError, OSError, ValueError, NothingBeside):
        since = datetime.now(UTC) - timedelta(seconds=duration_s("--last", last))
        found = ServedAnswers.read(settings().kafka, check_tenant(tenant), since)
        key, arms = drift_report.newest_release(check_tenant(tenant), found)
        out.write_text(drift_report.page(key, arms))
    typer.echo(f"release {key.release}: {len(arms.stable.scores)} shoppers of each slot, {out}")
