"""`recommndr token-key`."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from recommndr.shopper_token import TokenKeys, TokenSigner, jwks, new_private_key
from recommndr_training.commands.console import explained


def token_key(
    key: Annotated[Path, typer.Option(help="Where the private key is written; it must not be there yet.")],
    public: Annotated[Path, typer.Option("--jwks", help="The JWKS its public half is added to.")],
) -> None:
    """Make a new key for shoppers' tokens: private in a file of its own, public beside those that are accepted already."""
    with explained(ValueError, OSError):
        text = public.read_text() if public.exists() else jwks([])
        TokenKeys.from_json(text)
        pem = new_private_key()
        signer = TokenSigner(pem)
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(pem)
        public.write_text(jwks([*json.loads(text)["keys"], signer.jwk]))
        typer.echo(f"{key}: new private key, for the collector (RECOMMNDR_TOKEN_KEY_FILE)")
        typer.echo(
            f"{public}: its public half added, kid {signer.key_id}, for Envoy, slots and collector (RECOMMNDR_JWKS_FILE)"
        )
