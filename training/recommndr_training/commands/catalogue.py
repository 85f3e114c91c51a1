"""`recommndr catalogue`."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from recommndr.catalog import CatalogItem
from recommndr_simulation.storefront import Failed, NoAccess
from recommndr_training import params
from recommndr_training.commands.live_run import admin_key
from recommndr_training.console import Advance, Profile, explained, progress, settings
from recommndr_training.live.edge_client import EdgeClient, connect
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.shipping import shipped
from recommndr_training.shipping.held_out import catalog_items

_ITEMS_A_CALL = 1_000


def catalogue(
    profile: Profile = "small",
    key_file: Annotated[
        Path | None,
        typer.Option(help="File with a server key of scope catalogue; by default var/keys/admin/<tenant>."),
    ] = None,
    shifted: Annotated[bool, typer.Option(help="Shift the dates of items to now, as `recommndr seed` does.")] = True,
) -> None:
    """Fill the running shop's catalogue with a profile's items; what it holds already is replaced, item by item."""
    with explained(Failed, NoAccess):
        data = params.data(profile)
        shift = weeks_to_now(shipped.until(profile), datetime.now(UTC)) if shifted else timedelta()
        items = list(catalog_items(profile, shift))
        with progress("items", len(items)) as advance:
            asyncio.run(_put_all(data.tenant, admin_key(data.tenant, key_file), items, advance))
    typer.echo(f"{len(items)} items of {data.tenant} are in the catalogue")


async def _put_all(tenant: str, key: str, items: Sequence[CatalogItem], advance: Advance) -> None:
    async with connect(settings(), tenant, key, in_flight=1) as http:
        edge = EdgeClient(http)
        for start in range(0, len(items), _ITEMS_A_CALL):
            part = items[start : start + _ITEMS_A_CALL]
            await edge.put_items(part)
            advance(len(part))
