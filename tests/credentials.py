"""Files of keys as an operator replaces them, and whether a service accepts a credential."""

from pathlib import Path

import yaml
from starlette.datastructures import Headers

from recommndr.tenancy import Scope, ServerKey, TenantPolicy, Tenants, hash_key
from recommndr_http.credential import Credentials
from recommndr_http.problem import Problem


def replace(path: Path, text: str) -> None:
    """Put another file in its place in one step."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(path)


def with_keys(*keys: str) -> str:
    """A tenants file whose grocer has these server keys."""
    hashed = tuple(ServerKey(sha256=hash_key(key)) for key in keys)
    return yaml.safe_dump(Tenants(tenants={"grocer": TenantPolicy(keys=hashed)}).model_dump(mode="json"))


def accepts(credentials: Credentials, credential: str, scope: Scope) -> bool:
    """Whether a request with this credential may do what the scope names."""
    try:
        credentials.caller(Headers({"authorization": f"Bearer {credential}"}), scope)
    except Problem:
        return False
    return True
