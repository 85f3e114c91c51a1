"""`recommndr key`."""

from typing import Annotated

import typer

from recommndr.identity import check_tenant
from recommndr.tenancy import hash_key, new_server_key
from recommndr_training.commands.console import explained


def key(tenant: Annotated[str, typer.Option(help="Whose key.")] = "grocer") -> None:
    """Make a new server key: the key itself for the shop, its hash for the tenants file. It is shown once and kept nowhere."""
    with explained(ValueError):
        server_key = new_server_key(check_tenant(tenant))
        typer.echo(f"key:    {server_key}")
        typer.echo("in the tenants file, under the tenant's `keys:`:")
        typer.echo(f'- {{sha256: "{hash_key(server_key)}", scopes: [read, events, catalogue, admin]}}')
