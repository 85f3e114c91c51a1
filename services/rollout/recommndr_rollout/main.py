"""The command line: `recommndr-rollout run | promote | status`, configured by `RECOMMNDR_…` variables."""

import logging
import os
import signal
import threading
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from recommndr.audit_log import AuditLog, operator
from recommndr.log_lines import log_json_lines
from recommndr.release import WEIGHT_TOTAL, StaleRecord
from recommndr.settings import load
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.promote import Promotion, PromotionRefused, promote
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.service import run as run_service

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


class _SlotName(StrEnum):
    blue = "blue"
    green = "green"


@app.command()
def run() -> None:
    """Keep Envoy's routes in line with the release records, until SIGTERM."""
    settings = load(os.environ)
    log_json_lines("rollout")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines report every request
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_service(settings, stop)


@app.command(name="promote")
def promote_version(
    tenant: str,
    model_version: Annotated[int, typer.Option(min=1, help="version of the registered model recommndr-<tenant>")],
    bundle_version: Annotated[str, typer.Option(help="content version of its bundle")],
    slot: Annotated[
        _SlotName | None, typer.Option(help="slot to load it into; by default the idle one, blue for the first release")
    ] = None,
    by: Annotated[str, typer.Option(help="name for the audit log; by default that of your account")] = "",
) -> None:
    """Make a registered version the tenant's stable one, in the idle slot; the old one becomes previous."""
    settings = load(os.environ)
    store = FileReleaseStore(settings.releases_dir)
    applied = RoutesFile(settings.routes_file).applied().get(tenant)
    wanted = Promotion(tenant, bundle_version, model_version, by or operator(), datetime.now(UTC), slot.value if slot else None)
    try:
        release = promote(store.load(tenant), wanted, applied)
        told = {"model_version": model_version, "bundle_version": bundle_version, "slot": release.stable.slot}
        AuditLog(settings.audit_file).write(by or operator(), "release.promote", tenant, **told)
        saved = store.save(release)
    except (PromotionRefused, StaleRecord, ValueError) as refused:
        typer.echo(f"refused: {refused}", err=True)
        raise typer.Exit(1) from None
    typer.echo(
        f"{tenant}: version {model_version} ({bundle_version}) stable in {saved.stable.slot}, record {saved.record_version}"
    )


@app.command()
def status() -> None:
    """Show one line per tenant: versions, slots and weights."""
    for release in FileReleaseStore(load(os.environ).releases_dir).load_all():
        weights = ", ".join(f"{slot} {100 * weight / WEIGHT_TOTAL:g} %" for slot, weight in release.weights().items())
        typer.echo(
            f"{release.tenant}: {release.phase}, version {release.stable.model_version} ({release.stable.version}) "
            f"in {release.stable.slot}; {weights}; record {release.record_version}"
        )


def main() -> None:
    """Run the command line."""
    app()
