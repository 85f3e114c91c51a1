"""New secrets of an installation, readable by their owner only, and the tenants file with their hashes.

Every tenant gets two server keys: one with read and events scopes for its storefront, and one with all scopes for its
catalogue.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from recommndr.private_file import write_private
from recommndr.shopper_token import TokenSigner, jwks, new_private_key
from recommndr.tenancy import ALL_SCOPES, NARROW_SCOPES, Tenants, hash_key, new_server_key
from recommndr_storefront.visitors import SESSION_KEY_SUFFIX
from recommndr_training import params

ATTRIBUTION_KEY = "attribution"
TOKEN_KEY = "token.pem"  # noqa: S105 - a file's name
JWKS = "jwks.json"
OPERATIONS_PASSWORD = "operations.password"  # noqa: S105 - likewise
ADMIN_KEYS = "admin"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets with which clients and services of one installation authenticate."""

    server_keys: dict[str, str]  # tenant -> key with read and events scopes
    admin_keys: dict[str, str]  # tenant -> key with all scopes
    attribution_key: str
    token_key: str  # PEM
    operations_password: str


def storefront_origins(port: int) -> list[str]:
    """Origins of the storefront's pages on this machine, with both names of loopback."""
    return [f"http://{name}:{port}" for name in ("127.0.0.1", "localhost")]


def write_keys(tenants_template: Path, folder: Path, tenants_file: Path, origins: Sequence[str] = ()) -> Keys:
    """Create new keys for every tenant of the template below `folder`, and write the template plus hashes to `tenants_file`.

    Pages of `origins` may call the edge for every tenant.
    """
    content = yaml.safe_load(tenants_template.read_text())
    content["tenants"] |= params.added_tenants(tenants_template.parent)  # shops that `recommndr shop add` added
    made = {tenant: _give_keys(tenant, policy, folder, origins) for tenant, policy in content["tenants"].items()}
    server_keys, admin_keys = ({tenant: keys[place] for tenant, keys in made.items()} for place in (0, 1))
    text = yaml.safe_dump(content, sort_keys=False)
    Tenants.from_yaml(text)  # an invalid template fails here, not in every service
    attribution_key = secrets.token_hex(32)
    write_private(folder / ATTRIBUTION_KEY, attribution_key)
    password = secrets.token_urlsafe(18)
    write_private(folder / OPERATIONS_PASSWORD, password)
    token_key = _write_token_key(folder)
    tenants_file.parent.mkdir(parents=True, exist_ok=True)
    tenants_file.write_text(text)  # last: where it is, all keys are
    return Keys(server_keys, admin_keys, attribution_key, token_key, password)


def join_added(checkout: Path, folder: Path, tenants_file: Path, origins: Sequence[str] = ()) -> list[str]:
    """Give the tenants file the shops that were added since it was written, with new keys; returns their names.

    Processes that run see them when they start again.
    """
    content = yaml.safe_load(tenants_file.read_text())
    new = {tenant: policy for tenant, policy in params.added_tenants(checkout).items() if tenant not in content["tenants"]}
    for tenant, policy in new.items():
        _give_keys(tenant, policy, folder, origins)
    if new:
        content["tenants"] |= new
        text = yaml.safe_dump(content, sort_keys=False)
        Tenants.from_yaml(text)
        draft = tenants_file.with_name(f"{tenants_file.name}.draft")
        draft.write_text(text)
        draft.replace(tenants_file)
    return list(new)


def _give_keys(tenant: str, policy: dict[str, Any], folder: Path, origins: Sequence[str]) -> tuple[str, str]:
    """Write a tenant's new keys below `folder`, and add them to its policy; returns the narrow one and that of all scopes."""
    server_key, admin_key = new_server_key(tenant), new_server_key(tenant)
    write_private(folder / tenant, server_key)
    write_private(folder / f"{tenant}{SESSION_KEY_SUFFIX}", secrets.token_hex(32))
    write_private(folder / ADMIN_KEYS / tenant, admin_key)
    policy["keys"] = [
        *policy.get("keys", ()),
        {"sha256": hash_key(server_key), "scopes": list(NARROW_SCOPES), "note": "storefront"},
        {"sha256": hash_key(admin_key), "scopes": list(ALL_SCOPES), "note": "catalogue and operators"},
    ]
    policy["origins"] = [*policy.get("origins", ()), *origins]
    return server_key, admin_key


def _write_token_key(folder: Path) -> str:
    token_key = new_private_key()
    write_private(folder / TOKEN_KEY, token_key)
    (folder / JWKS).write_text(jwks([TokenSigner(token_key).jwk]))
    return token_key
