"""`recommndr key`: creates, lists, rotates and revokes server keys while the installation runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from recommndr.audit_log import AuditLog, operator
from recommndr.identity import check_tenant
from recommndr.private_file import write_private
from recommndr.tenancy import NARROW_SCOPES, Scope, ServerKey, hash_key, new_server_key
from recommndr_training.console import explained, settings
from recommndr_training.live.server_key_file import NoSuchKey, ServerKeyFile

_FOLLOWED = "the edge, slots and collector follow within two seconds"
_SCOPES = get_args(Scope)

app = typer.Typer(
    help="Server keys in the tenants file (RECOMMNDR_TENANTS_FILE), with which shops' servers authenticate. "
    "Only hashes are kept; a key is shown once. Running processes follow within two seconds.",
    no_args_is_help=True,
)

Out = Annotated[
    Path | None,
    typer.Option(help="Write the key to this file, for its owner only; do not show it.", show_default=False),
]
KeyId = Annotated[str, typer.Argument(help="Id of the key, as `recommndr key list` shows it.", show_default=False)]


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose key.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"Scope of the key, may be repeated: {', '.join(_SCOPES)}; by default read and events."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until the key expires; by default never.")] = None,
    note: Annotated[str, typer.Option(help="Note: who holds the key.")] = "",
    out: Out = None,
) -> None:
    """Make a new key. By default it reads, sends events and gets tokens for browsers; it changes nothing."""
    with explained(ValueError, OSError):
        check_tenant(tenant)
        ends = None if days is None else datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
        file = ServerKeyFile(settings().tenants_file)
        secret = new_server_key(tenant)
        key = ServerKey.model_validate(
            {"sha256": hash_key(secret), "scopes": scope or NARROW_SCOPES, "expires_at": ends, "note": note}
        )
        file.add(tenant, key)
        _audit("key.create", tenant, key_id=key.id, scopes=key.scopes, expires_at=ends)
        file.save()
        _tell(secret, key, out)


@app.command("list")
def list_keys(tenant: Annotated[str | None, typer.Option(help="Of this tenant only.", show_default=False)] = None) -> None:
    """Show all keys: id, tenant, scopes, end, note."""
    with explained(ValueError, OSError):
        now = datetime.now(UTC)
        table = Table("id", "tenant", "scopes", "ends", "note", box=None)
        for owner, key in ServerKeyFile(settings().tenants_file).all_keys():
            if tenant in (None, owner):
                table.add_row(key.id, owner, " ".join(key.scopes), _end(key, now), key.note)
        Console(width=None if Console().is_terminal else 160).print(table)


@app.command()
def revoke(key_id: KeyId) -> None:
    """Revoke a key: it is refused within two seconds."""
    with explained(ValueError, OSError, NoSuchKey):
        file = ServerKeyFile(settings().tenants_file)
        tenant = file.remove(key_id)
        file.save()
        _audit("key.revoke", tenant, key_id=key_id)
        typer.echo(f"{key_id} of {tenant} is revoked: {_FOLLOWED}")


@app.command()
def rotate(
    key_id: KeyId,
    overlap_hours: Annotated[float, typer.Option(min=0.0, help="How long the old key stays valid.")] = 24.0,
    out: Out = None,
) -> None:
    """Make a key with the scopes of another one; the old key expires after an overlap."""
    with explained(ValueError, OSError, NoSuchKey):
        file = ServerKeyFile(settings().tenants_file)
        ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=overlap_hours)
        tenant, old = file.end(key_id, ends)
        secret = new_server_key(tenant)
        key = ServerKey(sha256=hash_key(secret), scopes=old.scopes, note=old.note)
        file.add(tenant, key)
        _audit("key.rotate", tenant, key_id=key.id, replaces=key_id, old_ends_at=ends)
        file.save()
        _tell(secret, key, out)
        typer.echo(f"{key_id} ends at {ends.isoformat()}")


def _tell(secret: str, key: ServerKey, out: Path | None) -> None:
    if out is None:
        typer.echo(f"key:    {secret}")
    else:
        write_private(out, secret)
        typer.echo(f"key:    in {out}")
    typer.echo(f"id:     {key.id}")
    typer.echo(f"scopes: {' '.join(key.scopes)}")
    typer.echo(f"ends:   {_end(key, datetime.now(UTC))}")
    typer.echo(f"The key is not stored anywhere else; {_FOLLOWED}.")


def _end(key: ServerKey, now: datetime) -> str:
    if key.expires_at is None:
        return "never"
    return f"{key.expires_at.isoformat()}{' (ended)' if key.is_expired(now) else ''}"


def _audit(act: str, tenant: str, **what: object) -> None:
    AuditLog(settings().audit_file).write(operator(), act, tenant, **what)
