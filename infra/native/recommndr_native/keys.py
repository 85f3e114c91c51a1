"""New secrets of an installation, readable by their owner only, and the tenants file with their hashes.

Every tenant gets two server keys: one with read and events scopes for its storefront, and one with all scopes for its
catalogue.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
    server_keys = {tenant: new_server_key(tenant) for tenant in content["tenants"]}
    admin_keys = {tenant: new_server_key(tenant) for tenant in content["tenants"]}
    for tenant, policy in content["tenants"].items():
        write_private(folder / tenant, server_keys[tenant])
        write_private(folder / f"{tenant}{SESSION_KEY_SUFFIX}", secrets.token_hex(32))
        write_private(folder / ADMIN_KEYS / tenant, admin_keys[tenant])
        policy["keys"] = [
            *policy.get("keys", ()),
            {"sha256": hash_key(server_keys[tenant]), "scopes": list(NARROW_SCOPES), "note": "storefront"},
            {"sha256": hash_key(admin_keys[tenant]), "scopes": list(ALL_SCOPES), "note": "catalogue and operators"},
        ]
        policy["origins"] = [*policy.get("origins", ()), *origins]
    text = yaml.safe_dump(content, sort_keys=False)
    Tenants.from_yaml(text)  # an invalid template fails here, not in every service
    tenants_file.parent.mkdir(parents=True, exist_ok=True)
    tenants_file.write_text(text)
    attribution_key = secrets.token_hex(32)
    write_private(folder / ATTRIBUTION_KEY, attribution_key)
    password = secrets.token_urlsafe(18)
    write_private(folder / OPERATIONS_PASSWORD, password)
    return Keys(server_keys, admin_keys, attribution_key, _write_token_key(folder), password)


def _write_token_key(folder: Path) -> str:
    token_key = new_private_key()
    write_private(folder / TOKEN_KEY, token_key)
    (folder / JWKS).write_text(jwks([TokenSigner(token_key).jwk]))
    return token_key
