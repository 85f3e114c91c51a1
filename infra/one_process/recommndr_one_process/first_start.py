"""Takes up a trained profile: its bundle is registered and released, its catalogue and history go into the log.

It runs as a process of its own, because training's libraries would stay in the memory of the one that serves. Each part is done
once, so it can be repeated after any end.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recommndr.identity import TenantId
from recommndr.settings import Settings
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_collector import catalogue
from recommndr_collector.event_log import Record
from recommndr_http.json_shape import Member, measure
from recommndr_native.go_live import GoLive
from recommndr_one_process import taken_up
from recommndr_one_process.database import Database
from recommndr_one_process.places import Places
from recommndr_one_process.seed_log import SqliteSeedLog
from recommndr_training import params
from recommndr_training.live.kept_bundle import keep_bundle
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import SeedsNotPublished
from recommndr_training.live.seed_publisher import Publisher, Shop
from recommndr_training.live.taken_history import TakenHistory
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.shipping import register, seed, shipped, trained_stages


@dataclass(frozen=True, slots=True)
class _Installed:
    """What going live needs of an installation."""

    settings: Settings

    def admin_key_file(self, tenant: str) -> Path:
        """See `Installed`."""
        return self.settings.admin_keys_dir / tenant

    def training_login(self) -> Mapping[str, str]:
        """There is no Kafka."""
        return {}


@dataclass(frozen=True, slots=True)
class FirstStart:
    """One profile of one installation; runs in the root of the checkout."""

    settings: Settings
    database: Database
    profile: str

    def __call__(self) -> None:
        """Take it up; prints what was done."""
        tenant = params.data(self.profile).tenant
        going = GoLive(_Installed(self.settings), tenant, self.profile, Path.cwd(), typer.echo)
        self._history(tenant, going)
        going.open()
        self._release(going)

    def _history(self, tenant: str, going: GoLive) -> None:
        with closing(self.database.connect()) as connection:
            if taken_up.is_taken_up(connection, tenant):
                return
            catalogue_is_there = taken_up.has_catalogue(connection, tenant)
        policy = Tenants.from_yaml(self.settings.tenants_file.read_text()).tenants[TenantId(tenant)]
        try:
            log = SqliteSeedLog(self.database, tenant)
        except SeedsNotPublished as cause:
            typer.echo(str(cause))
            return
        if not catalogue_is_there:
            log.add(_items(tenant, policy, going))
        lake, shop = LiveLake(self.settings.lake_dir), _shop(self.profile, policy)
        Publisher(log, lake, lambda: datetime.now(UTC), lambda _: None).publish(shop)
        TakenHistory(self.profile, shop.shift_s).write(self.settings.state_dir, tenant)
        typer.echo(f"{tenant}: {log.write()} records of catalogue and history")

    def _release(self, going: GoLive) -> None:
        directory = register.bundle_dir(self.profile)
        registered = register.register(
            directory, register.local_registry(), self.profile, datetime.now(UTC), trained_stages.stages(self.profile)
        )
        keep_bundle(directory, self.settings.state_dir / "bundles" / registered.bundle_version)
        going.release(asdict(registered))
        noted = TakenHistory.read(self.settings.state_dir, going.tenant)
        if noted is not None:
            replace(noted, bundle_version=registered.bundle_version).write(self.settings.state_dir, going.tenant)


def _shop(profile: str, policy: TenantPolicy) -> Shop:
    shift = weeks_to_now(shipped.until(profile), datetime.now(UTC))
    return Shop(params.data(profile).tenant, policy, seed.read(seed.seed_path(profile)).rows, shift.total_seconds())


def _items(tenant: str, policy: TenantPolicy, going: GoLive) -> Iterator[Record]:
    """The catalogue's records, as the collector makes them."""
    for item in going.items():
        payload = item.model_dump_json(exclude_none=True).encode()
        yield catalogue.item(tenant, policy, Member(payload, measure(payload)))


def main(
    data: Annotated[Path, typer.Option(help="folder of the installation")],
    profile: Annotated[str, typer.Option(help="trained profile of params.yaml")],
) -> None:
    """Take up a profile."""
    places = Places(data)
    FirstStart(places.settings(os.environ, Path.cwd()), Database(places.database), profile)()


if __name__ == "__main__":
    typer.run(main)
