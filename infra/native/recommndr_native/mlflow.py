"""MLflow's tracking server and registry on loopback: SQLite, artifacts through the server."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mlflow:
    """A server that keeps its database and artifacts below `folder`."""

    folder: Path
    port: int

    @property
    def uri(self) -> str:
        """What clients connect to."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The server's environment variables."""
        # Its job runner would start more processes for features that are not used, each a quarter of a GB.
        return {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}

    def prepare(self) -> None:
        """Make the folder."""
        (self.folder / "artifacts").mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """The command that runs the server in the foreground, after `prepare`."""
        return [
            str(Path(sys.executable).parent / "mlflow"), "server",
            "--host", "127.0.0.1",
            "--port", str(self.port),
            "--workers", "1",
            "--backend-store-uri", f"sqlite:///{self.folder / 'mlflow.db'}",
            "--artifacts-destination", str(self.folder / "artifacts"),
            "--serve-artifacts",
            "--allowed-hosts", f"127.0.0.1:{self.port},localhost:{self.port}",
        ]  # fmt: skip
