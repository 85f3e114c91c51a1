"""The folder of one process: its settings, with keys that are made at the first start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recommndr.settings import Settings, file_variable, load, variable
from recommndr_native.keys import (
    ADMIN_KEYS,
    ATTRIBUTION_KEY,
    JWKS,
    OPERATIONS_PASSWORD,
    TOKEN_KEY,
    join_added,
    storefront_origins,
    write_keys,
)


@dataclass(frozen=True, slots=True)
class Places:
    """A folder that holds all of an installation; nothing in it is shared with other installations."""

    folder: Path

    @property
    def database(self) -> Path:
        """The log, the states and the rows."""
        return self.folder / "shop.sqlite"

    @property
    def lock(self) -> Path:
        """Held while the process runs."""
        return self.folder / "serve.lock"

    @property
    def tenants(self) -> Path:
        """Tenants, their policies and hashed keys."""
        return self.folder / "tenants.yaml"

    @property
    def keys(self) -> Path:
        """Server keys by tenant, and the installation's own keys."""
        return self.folder / "keys"

    def settings(self, environment: Mapping[str, str], checkout: Path) -> Settings:
        """The settings; what the environment has stands over the folder's. Makes keys and the tenants file if there is none.

        Shops that were added since the file was written join it.
        """
        ours = self._variables(checkout)
        if variable("tenants_file") not in environment:
            origins = storefront_origins(load(environment).storefront_port)
            if self.tenants.exists():
                join_added(checkout, self.keys, self.tenants, origins)
            else:
                write_keys(checkout / "tenants.yaml", self.keys, self.tenants, origins)
        return load(ours | dict(environment))

    def _variables(self, checkout: Path) -> dict[str, str]:
        paths = {
            variable("state_dir"): self.folder,
            variable("lake_dir"): self.folder / "lake",
            variable("tenants_file"): self.tenants,
            variable("audit_file"): self.folder / "audit.jsonl",
            variable("jwks_file"): self.keys / JWKS,
            variable("server_keys_dir"): self.keys,
            variable("admin_keys_dir"): self.keys / ADMIN_KEYS,
            file_variable("attribution_key"): self.keys / ATTRIBUTION_KEY,
            file_variable("token_key"): self.keys / TOKEN_KEY,
            file_variable("operations_password"): self.keys / OPERATIONS_PASSWORD,
        }
        registry = f"sqlite:///{(checkout / 'var' / 'registry' / 'mlflow.db').resolve()}"
        return {name: str(path.resolve()) for name, path in paths.items()} | {variable("mlflow_uri"): registry}
