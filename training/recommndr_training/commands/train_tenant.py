"""`recommndr train --tenant`."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import typer
from deltalake.exceptions import DeltaError
from kafka.errors import KafkaError

from recommndr.bundle import BundleRefused
from recommndr.identity import check_tenant
from recommndr_training.console import explained
from recommndr_training.retraining import installation, lake_part
from recommndr_training.retraining.outcome import Outcome
from recommndr_training.retraining.release_step import NotReleased
from recommndr_training.retraining.tenant_lock import TrainedNow, only_training
from recommndr_training.retraining.tenant_training import Kept, StageFailed, TenantTraining
from recommndr_training.shipping.register import NotRegistered

KEPT = 3  # exit status: the last good version stays, and a repeat would end the same
_ERRORS = (
    BundleRefused, DeltaError, KafkaError, NotRegistered, NotReleased, OSError, StageFailed, TrainedNow, ValueError,
    sqlite3.Error,
)  # fmt: skip


def train_tenant(tenant: str, version: int | None, by: str, *, release: bool) -> None:
    """Train a tenant of the installation that this process's variables name; its outcome is in a file beside the profile."""
    training = TenantTraining(installation.of_environment(), check_tenant(tenant), typer.echo, _now)
    with explained(*_ERRORS), only_training(training.folder, tenant):
        Outcome(tenant, "failed", "ended before it was done", _now().timestamp()).write(training.folder)
        n_rows = lake_part.rows_by_tenant(training.installation.settings.lake_dir).get(tenant, 0)
        try:
            outcome = _trained(training, version, by, release=release)
        except Kept as kept:
            outcome = Outcome(tenant, "kept", str(kept), _now().timestamp())
        except _ERRORS as cause:
            Outcome(tenant, "failed", str(cause), _now().timestamp()).write(training.folder)
            raise
        replace(outcome, n_rows=n_rows).write(training.folder)
    typer.echo(f"{tenant}: {outcome.ending}: {outcome.told}")
    if outcome.ending == "kept":
        raise typer.Exit(KEPT)


def _trained(training: TenantTraining, version: int | None, by: str, *, release: bool) -> Outcome:
    live = training.prepare(version)
    training.run_stages()
    training.check_gate()
    registered = training.register()
    told = training.release(registered, live, by) if release else f"version {registered.model_version} is registered"
    return Outcome(
        training.tenant,
        "released" if release else "registered",
        told,
        _now().timestamp(),
        lake_version=live.version,
        n_live=live.n_live,
        model_version=registered.model_version,
    )


def _now() -> datetime:
    return datetime.now(UTC)
