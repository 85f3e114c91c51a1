"""One Prometheus that scrapes every service and evaluates the rules beside its template."""

import json
from dataclasses import dataclass
from pathlib import Path

from recommndr.settings import Settings
from recommndr_native.installed import program
from recommndr_native.template import fill


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A server that keeps its configuration and its samples below `folder`."""

    folder: Path
    template: Path
    settings: Settings

    @property
    def config_file(self) -> Path:
        """Its configuration file, after `prepare`."""
        return self.folder / "prometheus.yml"

    def prepare(self) -> None:
        """Write the configuration from the template and the settings."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rules_dir = self.template.parent.resolve() / "rules"
        user, password = self.settings.monitoring_login
        login = json.dumps({"username": user, "password": password})  # JSON is YAML
        filled = fill(self.template, self.settings, rules_dir=rules_dir, runbooks_url=self.settings.runbooks_url, login=login)
        self.config_file.write_text(filled)

    def environment(self) -> dict[str, str]:
        """No variables; the command line is enough."""
        return {}

    def command(self) -> list[str]:
        """The command that runs the server in the foreground, after `prepare`."""
        return [
            program("prometheus", "prometheus"),
            f"--config.file={self.config_file}",
            f"--web.config.file={self.settings.monitoring_users_file.resolve()}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.settings.prometheus_port}",
            # Links of alerts lead here; by default they lead to the machine's name, where nobody listens.
            f"--web.external-url={self.settings.prometheus_url}",
            "--web.cors.origin=http://localhost",  # any page may read it by default
            "--storage.tsdb.retention.time=2d",
            "--log.level=warn",
        ]
