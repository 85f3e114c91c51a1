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
from recommndr_training.retraining import installation


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
        if variable("tenants_file") not in environment:
            origins = storefront_origins(load(environment).storefront_port)
            if self.tenants.exists():
                join_added(checkout, self.keys, self.tenants, origins)
            else:
                write_keys(checkout / "tenants.yaml", self.keys, self.tenants, origins)
        return load(self._paths(checkout) | self._secrets(environment) | dict(environment))

    def _paths(self, checkout: Path) -> dict[str, str]:
        paths = {
            "jwks_file": self.keys / JWKS,
            "server_keys_dir": self.keys,
            "admin_keys_dir": self.keys / ADMIN_KEYS,
        }
        of_training = installation.paths(self.folder, checkout)
        return {variable(name): str(path.resolve()) for name, path in paths.items()} | of_training

    def _secrets(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The files of the secrets that are here and that the environment does not have."""
        files = {"attribution_key": ATTRIBUTION_KEY, "token_key": TOKEN_KEY, "operations_password": OPERATIONS_PASSWORD}
        return {
            file_variable(name): str((self.keys / file).resolve())
            for name, file in files.items()
            if (self.keys / file).exists() and environment.keys().isdisjoint({variable(name), file_variable(name)})
        }
