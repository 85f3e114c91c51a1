"""`recommndr register`."""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime

import typer

from recommndr.bundle import BundleRefused
from recommndr_training.console import Profile, explained, settings


def register(profile: Profile = "small") -> None:
    """Register a profile's bundle with the installation's MLflow (RECOMMNDR_MLFLOW_URI); prints the version as JSON."""
    # By default MLflow retries silently for four minutes when the server does not answer.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    # Importing MLflow takes two seconds, which the other commands need not wait for.
    from recommndr_training.shipping import register as stage  # noqa: PLC0415
    from recommndr_training.shipping import trained_stages  # noqa: PLC0415

    with explained(BundleRefused, stage.NotRegistered):
        registry = stage.Registry(settings().mlflow_uri)
        version = stage.register(
            stage.bundle_dir(profile), registry, profile, datetime.now(UTC), trained_stages.stages(profile)
        )
        typer.echo(json.dumps(asdict(version)))
