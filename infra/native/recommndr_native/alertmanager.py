"""One Alertmanager: groups what Prometheus finds and tells the installation's webhook."""

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
        """What it is configured by, once prepared."""
        return self.folder / "alertmanager.yml"

    def prepare(self) -> None:
        """Write the configuration out of the template and the settings; without a webhook nobody is told."""
        self.folder.mkdir(parents=True, exist_ok=True)
        url = self.settings.alert_webhook_url.get_secret_value()
        webhooks = json.dumps([{"url": url, "send_resolved": True}] if url else [])  # JSON is YAML
        self.config_file.write_text(fill(self.template, self.settings, webhooks=webhooks))

    def environment(self) -> dict[str, str]:
        """Nothing beside the command line."""
        return {}

    def command(self) -> list[str]:
        """What runs the server in the foreground, once prepared."""
        return [
            program("prometheus-alertmanager", "prometheus-alertmanager"),
            f"--config.file={self.config_file}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.settings.alertmanager_port}",
            f"--web.external-url=http://127.0.0.1:{self.settings.alertmanager_port}",
            "--cluster.listen-address=",  # one server gossips with nobody
            "--log.level=warn",
        ]
