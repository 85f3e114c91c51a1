"""Replaces this process by a third-party server: `recommndr-native kafka | redis | mlflow | …`.

The Procfile names these, so that whoever supervises sees the server itself and not a wrapper around it.
"""

import os
import sys
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import typer

from recommndr.settings import PREFIX, Settings, load
from recommndr_native.alertmanager import Alertmanager
from recommndr_native.envoy import Envoy
from recommndr_native.installed import NotInstalled, Tools
from recommndr_native.kafka import Kafka
from recommndr_native.mlflow import Mlflow
from recommndr_native.prometheus import Prometheus
from recommndr_native.redis import Redis


class Server(Protocol):
    """A third-party server."""

    def prepare(self) -> None:
        """Write its configuration."""
        ...

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground, after `prepare`."""
        ...

    def environment(self) -> dict[str, str]:
        """Return the server's environment variables."""
        ...


class ServerName(StrEnum):
    """The servers that this command can run."""

    kafka = "kafka"
    redis = "redis"
    mlflow = "mlflow"
    prometheus = "prometheus"
    alertmanager = "alertmanager"
    envoy = "envoy"


def server(name: ServerName, settings: Settings, tools: Tools) -> Server:
    """Return the server of this name, configured by the settings."""
    state, checkout = settings.state_dir.resolve(), tools.checkout
    match name:
        case ServerName.kafka:
            port = int(settings.kafka_bootstrap.rpartition(":")[2])
            jaas = settings.kafka_users_file.resolve()
            known = jaas if jaas.exists() else None
            return Kafka(state / "kafka", port, settings.kafka_controller_port, tools, known)
        case ServerName.redis:
            acl = settings.redis_acl_file.resolve()
            users = acl if acl.exists() else None
            return Redis(state / "redis", _port(settings.redis_url), users, settings.redis_max_memory_mb)
        case ServerName.mlflow:
            return Mlflow(settings.mlflow_dir.resolve(), _port(settings.mlflow_uri))
        case ServerName.prometheus:
            return Prometheus(state / "prometheus", checkout / "monitoring" / "prometheus" / "prometheus.yml", settings)
        case ServerName.alertmanager:
            return Alertmanager(state / "alertmanager", checkout / "monitoring" / "alertmanager" / "alertmanager.yml", settings)
        case ServerName.envoy:
            return Envoy(state / "envoy", checkout / "infra" / "envoy" / "envoy.yaml", settings)


def _port(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise typer.BadParameter(f"{url}: expected a URL with a port")
    return port


def run(name: ServerName) -> None:
    """Replace this process by the server, configured by `RECOMMNDR_…` variables."""
    try:
        chosen = server(name, load(os.environ), Tools.of_checkout())
        chosen.prepare()
        command = chosen.command()
    except NotInstalled as missing:
        typer.echo(f"recommndr-native {name}: {missing}", err=True)
        raise typer.Exit(1) from None
    sys.stdout.flush()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}  # it needs none of ours
    os.execve(command[0], command, inherited | chosen.environment())  # noqa: S606


def main() -> None:
    """Run the command line."""
    typer.run(run)
