"""One Alertmanager: groups Prometheus' alerts and sends them to the installation's webhook."""

import json
from dataclasses import dataclass
from pathlib import Path

from recommndr.settings import Settings
from recommndr_native.installed import program
from recommndr_native.template import fill


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """A server that keeps its configuration and its silences below `folder`."""

    folder: Path
    template: Path
    settings: Settings

    @property
    def config_file(self) -> Path:
        """Its configuration file, after `prepare`."""
        return self.folder / "alertmanager.yml"

    def prepare(self) -> None:
        """Write the configuration from the template and the settings; without a webhook no alert is sent."""
        self.folder.mkdir(parents=True, exist_ok=True)
        url = self.settings.alert_webhook_url.get_secret_value()
        webhooks = json.dumps([{"url": url, "send_resolved": True}] if url else [])  # JSON is YAML
        self.config_file.write_text(fill(self.template, self.settings, webhooks=webhooks))

    def environment(self) -> dict[str, str]:
        """No variables; the command line is enough."""
        return {}

    def command(self) -> list[str]:
        """The command that runs the server in the foreground, after `prepare`."""
        return [
            program("prometheus-alertmanager", "prometheus-alertmanager"),
            f"--config.file={self.config_file}",
            f"--web.config.file={self.settings.monitoring_users_file.resolve()}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.settings.alertmanager_port}",
            f"--web.external-url=http://127.0.0.1:{self.settings.alertmanager_port}",
            "--cluster.listen-address=",  # a single server has no cluster peers
            "--log.level=warn",
        ]
