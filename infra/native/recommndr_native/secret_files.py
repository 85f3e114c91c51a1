"""Writes secrets as files for their processes; no environment variable holds a secret."""

import os
from collections.abc import Mapping
from pathlib import Path

from recommndr.private_file import write_private
from recommndr.settings import Settings, file_variable

# Settings by process of the Procfile. Kafka, Flink, MLflow, Envoy and the writers need none.
NEEDED: Mapping[str, frozenset[str]] = {
    "collector": frozenset({"attribution_key", "token_key"}),
    "blue": frozenset({"attribution_key"}),
    "green": frozenset({"attribution_key"}),
    "storefront": frozenset({"operations_password", "oidc_client_secret"}),
    "rollout": frozenset({"monitoring_password", "operations_password"}),
    "prometheus": frozenset({"monitoring_password"}),
    "alertmanager": frozenset({"alert_webhook_url"}),
}


def write_secrets(settings: Settings, folder: Path) -> dict[str, dict[str, str]]:
    """Write the secrets below `folder`; returns, by process, the variables that name the files it needs."""
    written: dict[str, Path] = {}
    for name in sorted(frozenset[str]().union(*NEEDED.values())):
        secret = getattr(settings, name).get_secret_value()
        if secret:
            written[name] = folder / name
            write_private(written[name], secret)
    return {
        process: {file_variable(name): str(written[name]) for name in sorted(needed & written.keys())}
        for process, needed in NEEDED.items()
    }


def write_for_owner_only() -> None:
    """From now on only their owner can read the files that this process and its children write."""
    os.umask(0o077)
