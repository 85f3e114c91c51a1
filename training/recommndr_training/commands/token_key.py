"""`recommndr token-key` and `recommndr attribution-key`: create and replace signing keys while the installation runs."""

import json
import secrets
import time
from pathlib import Path
from typing import Annotated

import typer

from recommndr.attribution_keys import AttributionKeys
from recommndr.audit_log import AuditLog, operator
from recommndr.private_file import write_private
from recommndr.shopper_token import TokenKeys, TokenSigner, jwks, new_private_key
from recommndr_training.console import explained, settings

_ALL = "*"  # these keys belong to all tenants

Pause = Annotated[
    float,
    typer.Option(min=0.0, help="Seconds from accepting the new key to signing with it."),
]


def token_key(
    key: Annotated[Path, typer.Option(help="Where the private key is written.")],
    public: Annotated[Path, typer.Option("--jwks", help="JWKS to add the public key to.")],
    rotate: Annotated[bool, typer.Option("--rotate", help="Replace the private key that is there.")] = False,
    retire: Annotated[str | None, typer.Option(help="Only take this key id (kid) out of the JWKS.", show_default=False)] = None,
    pause_s: Pause = 5.0,
) -> None:
    """Make a new key for shoppers' tokens: write the private key to a file, and add the public key to the JWKS."""
    with explained(ValueError, OSError):
        accepted = _accepted(public)
        if retire is not None:
            _retire(public, accepted, retire)
            return
        if key.exists() and not rotate:
            raise FileExistsError(f"{key}: the file already holds a key; --rotate replaces it")
        pem = new_private_key()
        signer = TokenSigner(pem)
        _audit("token_key.create", kid=signer.key_id)
        _replace(public, jwks([*accepted, signer.jwk]))
        typer.echo(f"{public}: public key added, kid {signer.key_id}, for Envoy, slots and collector (RECOMMNDR_JWKS_FILE)")
        if rotate:
            time.sleep(pause_s)
        write_private(key, pem)
        typer.echo(f"{key}: new private key, for the collector (RECOMMNDR_TOKEN_KEY_FILE)")
        if rotate:
            typer.echo("tokens of the old key expire within 15 minutes: then remove it with --retire KID")


def attribution_key(
    file: Annotated[Path, typer.Option(help="The keys, as RECOMMNDR_ATTRIBUTION_KEY_FILE names them to slots and collector.")],
    pause_s: Pause = 5.0,
) -> None:
    """Replace the key that signs attributions; older keys are accepted for seven days, the lifetime of an attribution."""
    with explained(ValueError, OSError):
        old = AttributionKeys.from_text(file.read_text(), settings().attribution_key_id).by_id
        key_id, secret = f"k{secrets.token_hex(4)}", secrets.token_hex(32)
        _audit("attribution_key.rotate", key_id=key_id)
        kept = [f"{name} {value.decode()}" for name, value in old.items()]
        new = f"{key_id} {secret}"
        write_private(file, "\n".join([*kept, new]))
        time.sleep(pause_s)
        write_private(file, "\n".join([new, *kept[:1]]))
        typer.echo(f"{file}: {key_id} signs from now on; {', '.join([*old][:1])} is still accepted")


def _accepted(public: Path) -> list[dict[str, str]]:
    text = public.read_text() if public.exists() else jwks([])
    TokenKeys.from_json(text)
    accepted: list[dict[str, str]] = json.loads(text)["keys"]
    return accepted


def _retire(public: Path, accepted: list[dict[str, str]], key_id: str) -> None:
    kept = [each for each in accepted if each["kid"] != key_id]
    if len(kept) == len(accepted):
        raise ValueError(f"{key_id}: expected one of {[each['kid'] for each in accepted]}, which {public} has")
    _audit("token_key.retire", kid=key_id)
    _replace(public, jwks(kept))
    typer.echo(f"{public}: {key_id} is not accepted any more")


def _replace(public: Path, text: str) -> None:
    draft = public.with_name(f".{public.name}.draft")
    draft.write_text(text)
    draft.replace(public)


def _audit(act: str, **what: object) -> None:
    AuditLog(settings().audit_file).write(operator(), act, _ALL, **what)
