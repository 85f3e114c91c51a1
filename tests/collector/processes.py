"""A collector as a process of its own."""

import os
import sys
from pathlib import Path

import yaml

from recommndr.tenancy import Tenants
from recommndr_native.child import Child


def collector_process(folder: Path, kafka_bootstrap: str, port: int, tenants: Tenants, **more: str) -> Child:
    """The collector of these tenants, not started yet; `more` are further variables, and its log is in the folder."""
    (folder / "tenants.yaml").write_text(yaml.safe_dump(tenants.model_dump(mode="json")))
    environment = os.environ | {
        "RECOMMNDR_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "RECOMMNDR_COLLECTOR_PORT": str(port),
        "RECOMMNDR_TENANTS_FILE": str(folder / "tenants.yaml"),
    }
    command = [sys.executable, "-c", "from recommndr_collector.main import main; main()"]
    return Child("collector", command, folder / "collector.log", environment | more)
