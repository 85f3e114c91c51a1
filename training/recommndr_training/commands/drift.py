"""`recommndr drift`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer
from deltalake.exceptions import DeltaError
from kafka.errors import KafkaError

from recommndr.identity import TenantId, check_tenant
from recommndr.settings import Settings
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_lake_writer import hours_of_week
from recommndr_training.console import duration_s, explained, settings
from recommndr_training.live import drift_report, week_report
from recommndr_training.live.drift_page import Section, page
from recommndr_training.live.served_topic import ServedAnswers


class NothingToCompare(RuntimeError):
    """Neither a release with both slots nor enough shoppers in enough weeks."""


def drift(
    tenant: Annotated[str, typer.Option(help="Whose shoppers.")],
    out: Annotated[Path, typer.Option(help="HTML file to write, with the plots inside.")] = Path("drift.html"),
    last: Annotated[str, typer.Option(help="How far back to look for a release with both slots, as 1h or 3d.")] = "2h",
    ago: Annotated[
        str, typer.Option(help="Compare the hour that ended so long ago with earlier weeks; the lake is a minute late.")
    ] = "2m",
    bundles: Annotated[
        Path | None, typer.Option(help="Folder of a slot's copies of bundles; by default the installation's.")
    ] = None,
) -> None:
    """Plot how what is served differs between a release's slots, and from the same hours of earlier weeks."""
    with explained(KafkaError, DeltaError, OSError, ValueError, NothingToCompare):
        installation, now = settings(), datetime.now(UTC)
        since = now - timedelta(seconds=duration_s("--last", last))
        until = now - timedelta(seconds=duration_s("--ago", ago))
        found = _of_arms(installation, check_tenant(tenant), since)
        found += _of_weeks(installation, check_tenant(tenant), until, bundles)
        if not found:
            raise NothingToCompare(
                f"no release of tenant {tenant!r} had fifty shoppers in both slots within an hour, and the lake has not 500 "
                "shoppers of this hour and of the same hours of at least two earlier weeks: look while a release is under way"
            )
        out.write_text(page(f"Drift of {tenant}", found))
    for section in found:
        typer.echo(f"{section.title}: {section.told}")
    typer.echo(str(out))


def _of_arms(installation: Settings, tenant: TenantId, since: datetime) -> list[Section]:
    windows = drift_report.windows_of(tenant, ServedAnswers.read(installation.kafka, tenant, since))
    found = drift_report.newest_release(windows)
    return [] if found is None else [drift_report.of_arms(*found), drift_report.of_mixes(found[0], windows)]


def _of_weeks(installation: Settings, tenant: TenantId, until: datetime, bundles: Path | None) -> list[Section]:
    folder = bundles or installation.state_dir / "bundles"

    def known_items(version: str) -> pa.Array | None:
        path = folder / version / ITEM_IDS_FILE
        return pa.array(BundleItems.read(path).ids, pa.string()) if path.is_file() else None

    return list(week_report.sections(hours_of_week.read(installation.lake_dir, tenant, until, known_items)))
