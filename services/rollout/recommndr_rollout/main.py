"""The command line of releases, configured by `RECOMMNDR_…` variables: the service, and the moves that `/ops` has, too."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from recommndr.audit_log import AuditLog, operator
from recommndr.log_lines import log_json_lines
from recommndr.release import WEIGHT_TOTAL, StaleRecord
from recommndr.settings import load
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.code import command as code_command
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.moves import Move, Moves
from recommndr_rollout.operator_moves import MoveRefused
from recommndr_rollout.promote import Promotion, PromotionRefused, promote
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.service import run as run_service

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(code_command.app, name="code")


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


Tenant = Annotated[str, typer.Argument(help="tenant, as in the tenants file")]
ModelVersion = Annotated[int, typer.Option(min=1, help="version of the registered model recommndr-<tenant>")]
Reason = Annotated[str, typer.Option(help="why; it is kept in the record and the audit log")]
By = Annotated[str, typer.Option(help="name for the audit log; by default that of your account")]
_NO_REASON = "no reason given"


@app.command(name="promote")
def promote_version(
    tenant: Tenant,
    model_version: Annotated[
        int | None,
        typer.Option(min=1, help="a version to promote without a trial; otherwise the challenger"),
    ] = None,
    bundle_version: Annotated[str, typer.Option(help="content version of its bundle")] = "",
    slot: Annotated[
        _SlotName | None, typer.Option(help="slot to load it into; by default the idle one, blue for the first release")
    ] = None,
    reason: Reason = _NO_REASON,
    by: By = "",
) -> None:
    """Make a version the tenant's stable one, in the idle slot; the old one becomes previous."""
    if model_version is None:
        _move(tenant, "promote", reason, by)
        return
    if not bundle_version:
        raise typer.BadParameter("--model-version needs --bundle-version")
    settings = load(os.environ)
    store = FileReleaseStore(settings.releases_dir)
    applied = RoutesFile(settings.routes_file).applied().get(tenant)
    wanted = Promotion(tenant, bundle_version, model_version, by or operator(), datetime.now(UTC), slot.value if slot else None)
    with _refusals():
        release = promote(store.load(tenant), wanted, applied)
        told = {"model_version": model_version, "bundle_version": bundle_version, "slot": release.stable.slot}
        AuditLog(settings.audit_file).write(by or operator(), "release.promote", tenant, **told)
        saved = store.save(release)
    typer.echo(
        f"{tenant}: version {model_version} ({bundle_version}) stable in {saved.stable.slot}, record {saved.record_version}"
    )


@app.command()
def start(
    tenant: Tenant,
    model_version: ModelVersion,
    bundle_version: Annotated[str, typer.Option(help="content version of its bundle")],
    reason: Reason = _NO_REASON,
    by: By = "",
) -> None:
    """Try a registered version: it warms in the idle slot, then gets 1, 10, 50 and 100 % of the traffic while it is healthy."""
    _move(tenant, "start", reason, by, Candidate(bundle_version, model_version))


@app.command()
def pause(tenant: Tenant, reason: Reason = _NO_REASON, by: By = "") -> None:
    """Take no step forward until resumed; a failing rule still takes the traffic back."""
    _move(tenant, "pause", reason, by)


@app.command()
def resume(tenant: Tenant, reason: Reason = _NO_REASON, by: By = "") -> None:
    """Let a paused release go on."""
    _move(tenant, "resume", reason, by)


@app.command()
def rollback(tenant: Tenant, reason: Reason = _NO_REASON, by: By = "") -> None:
    """Take all traffic from the challenger, or go back to the version before the promotion; the version is barred."""
    _move(tenant, "rollback", reason, by)


@app.command()
def lift(tenant: Tenant, model_version: ModelVersion, reason: Reason = _NO_REASON, by: By = "") -> None:
    """Lift the bar of a version that failed, so that it can be started again."""
    _move(tenant, "lift", reason, by, Candidate("", model_version))


def _move(tenant: str, move: Move, reason: str, by: str, candidate: Candidate | None = None) -> None:
    settings = load(os.environ)
    moves = Moves(FileReleaseStore(settings.releases_dir), AuditLog(settings.audit_file), lambda: datetime.now(UTC))
    with _refusals():
        saved = moves.make(tenant, move, by or operator(), reason, candidate)
    typer.echo(f"{tenant}: {saved.phase}, release {saved.release_id}, record {saved.record_version}")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (PromotionRefused, MoveRefused, StaleRecord, ValueError) as refused:
        typer.echo(f"refused: {refused}", err=True)
        raise typer.Exit(1) from None


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
