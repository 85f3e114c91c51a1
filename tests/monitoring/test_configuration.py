"""What Prometheus and Alertmanager are told is what they understand; asked of their own tools."""

import subprocess
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from docs.catalogue import ROOT
from recommndr.settings import Settings
from recommndr_native.alertmanager import Alertmanager
from recommndr_native.installation import free_ports
from recommndr_native.installed import program
from recommndr_native.prometheus import Prometheus

MONITORING = ROOT / "monitoring"


def tool(name: str, package: str, *words: str | Path) -> str:
    done = subprocess.run([program(name, package), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_understands_its_configuration_and_finds_the_rules(tmp_path: Path) -> None:
    server = Prometheus(tmp_path, MONITORING / "prometheus" / "prometheus.yml", Settings(**free_ports()))
    server.prepare()
    said = tool("promtool", "prometheus", "check", "config", server.config_file)
    assert said.count("rules found") == len(list((MONITORING / "prometheus" / "rules").glob("*.yml"))) > 0


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/alerts"])
def test_alertmanager_understands_its_configuration_with_and_without_a_webhook(tmp_path: Path, url: str) -> None:
    server = Alertmanager(
        tmp_path, MONITORING / "alertmanager" / "alertmanager.yml", Settings(alert_webhook_url=SecretStr(url))
    )
    server.prepare()
    tool("amtool", "prometheus-alertmanager", "check-config", server.config_file)
    told = yaml.safe_load(server.config_file.read_text())["receivers"][1]["webhook_configs"]
    assert [webhook["url"] for webhook in told] == ([url] if url else [])
