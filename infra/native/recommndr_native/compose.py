"""`recommndr-compose`: commands that set up a container installation. docker-compose.yml and operators run them."""

import itertools
import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console

from recommndr.settings import Settings, load
from recommndr_native import report
from recommndr_native.dev_ca import CA_CERTIFICATE, write_certificates
from recommndr_native.edge_tls import CERTIFICATE
from recommndr_native.go_live import GoLive, fill_catalogue
from recommndr_native.installed import Tools
from recommndr_native.kafka_users import write_kafka_users
from recommndr_native.keys import (
    ADMIN_KEYS,
    ATTRIBUTION_KEY,
    JWKS,
    OPERATIONS_PASSWORD,
    TOKEN_KEY,
    storefront_origins,
    write_keys,
)
from recommndr_native.main import ServerName, server
from recommndr_native.monitoring_users import write_monitoring_users
from recommndr_native.redis_users import write_redis_rights, write_redis_users
from recommndr_native.replay_live import choose, tell_story
from recommndr_native.topics import await_topics
from recommndr_training import params
from recommndr_training.shipping.held_out import baskets, known_users

_CONFIGURED = (ServerName.envoy, ServerName.prometheus, ServerName.alertmanager)
_EDGE_NAMES = ("localhost", "127.0.0.1", "envoy")  # as this machine and as other containers name it
_USERS_AWAITED = 50
_BASKETS = 300

Profile = Annotated[str, typer.Option(help="Profile of params.yaml.")]

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Containers:
    """An installation whose processes run in containers."""

    settings: Settings

    def admin_key_file(self, tenant: str) -> Path:
        """The file of the tenant's server key with all scopes."""
        return self.settings.admin_keys_dir / tenant

    def training_login(self) -> dict[str, str]:
        """Return no variables: the container already has them."""
        return {}


@app.command()
def files(
    signing_dir: Annotated[Path, typer.Option(help="Folder to write the attribution key to.")] = Path("/data/signing"),
    tokens_dir: Annotated[Path, typer.Option(help="Folder to write the key of shoppers' tokens to.")] = Path("/data/tokens"),
    redis_dir: Annotated[Path, typer.Option(help="Folder to write the passwords of the Redis users to.")] = Path("/data/redis"),
    kafka_dir: Annotated[Path, typer.Option(help="Folder to write the passwords of the Kafka users to.")] = Path("/data/kafka"),
    monitoring_dir: Annotated[
        Path, typer.Option(help="Folder to write the password for Prometheus and Alertmanager to.")
    ] = Path("/data/monitoring"),
    operations_dir: Annotated[Path, typer.Option(help="Folder to write the operators' password to, for rollout.")] = Path(
        "/data/operations"
    ),
) -> None:
    """Write missing keys, and the configurations of the edge and of monitoring."""
    settings, tools = load(os.environ), Tools.of_checkout()
    if settings.redis_acl_file.exists():
        write_redis_rights(settings.redis_acl_file, redis_dir)  # another version may need others
    else:
        write_redis_users(settings.redis_acl_file, redis_dir)
    if not settings.kafka_users_file.exists():
        write_kafka_users(settings.kafka_users_file, kafka_dir)
        # Kafka's image reads this file as another user, and only its container mounts this volume.
        settings.kafka_users_file.chmod(0o644)
    if not settings.tenants_file.exists():
        origins = storefront_origins(settings.storefront_port)
        # The tenants file is written last, so that the next run repeats an interrupted one.
        draft = settings.tenants_file.with_suffix(".draft")
        write_keys(tools.checkout / "tenants.yaml", settings.server_keys_dir, draft, origins)
        # Only processes that need a secret get it: narrow keys for the storefront, the token key for the collector.
        for key in (settings.server_keys_dir / ADMIN_KEYS).iterdir():
            _give(key, settings.admin_keys_dir)
        (settings.server_keys_dir / ADMIN_KEYS).rmdir()
        _give(settings.server_keys_dir / ATTRIBUTION_KEY, signing_dir)
        _give(settings.server_keys_dir / TOKEN_KEY, tokens_dir)
        _give(settings.server_keys_dir / JWKS, settings.jwks_file.parent)
        draft.rename(settings.tenants_file)
    # The folder of keys has every shop's too, which rollout does not need.
    operations_dir.mkdir(parents=True, exist_ok=True)
    shutil.copy(settings.server_keys_dir / OPERATIONS_PASSWORD, operations_dir / "password")
    _certificates(settings)
    told = {"monitoring_password": _monitoring_password(settings, monitoring_dir / "password")}
    for name in _CONFIGURED:
        server(name, settings.model_copy(update=told), tools).prepare()


def _monitoring_password(settings: Settings, file: Path) -> SecretStr:
    if not file.exists():
        operations_password = (settings.server_keys_dir / OPERATIONS_PASSWORD).read_text().strip()
        write_monitoring_users(settings.monitoring_users_file, file, operations_password)
        file.chmod(0o644)  # containers with different users read it; others do not mount its volume
    return SecretStr(file.read_text().strip())


def _certificates(settings: Settings) -> None:
    tls = Path(settings.edge_tls_dir)
    if not settings.edge_tls_dir or (tls / CERTIFICATE).exists():
        return
    write_certificates(tls, _EDGE_NAMES)
    shutil.copy(tls / CA_CERTIFICATE, settings.edge_ca_file)


def _give(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.move(file, folder / file.name)


@app.command()
def topics(timeout_s: Annotated[float, typer.Option(min=0.0, help="Seconds to wait for the broker.")] = 120.0) -> None:
    """Create missing topics, and give Kafka's users their rights."""
    created = await_topics(load(os.environ).kafka, timeout_s)
    typer.echo(f"created {', '.join(created) or 'none'}")


@app.command(name="go-live")
def go_live(profile: Profile = "tiny") -> None:
    """Train a profile and put its shop live: seeds, registry, release, catalogue."""
    going = _going(profile)
    typer.echo(f"train {profile}")
    going.train()
    registered = going.register()
    going.seed()
    going.release(registered)
    with closing(going.shop()) as shop:
        fill_catalogue(shop, going.items())
        going.await_answers(shop, registered["bundle_version"], known_users(profile, _USERS_AWAITED))
    going.open()


@app.command()
def show(profile: Profile = "tiny") -> None:
    """Show the recommendations for a real household before and after a real basket of it."""
    going = _going(profile)
    titles: dict[str, str] = {item.item_id: item.title for item in going.items()}
    held_out = list(itertools.islice(baskets(profile), _BASKETS))
    with closing(going.shop()) as shop:
        story = tell_story(shop, held_out[choose(shop, held_out)])
    Console(width=140).print(report.story_table(story, titles))


def _going(profile: str) -> GoLive:
    checkout = Tools.of_checkout().checkout
    tenant = params.data(profile, checkout / params.PARAMS).tenant
    return GoLive(Containers(load(os.environ)), tenant, profile, checkout, typer.echo)


def main() -> None:
    """Run the command line."""
    app()
