"""What Prometheus and Alertmanager are told is what they understand; asked of their own tools."""

import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml
from pydantic import SecretStr

from docs.catalogue import ROOT
from recommndr.settings import Settings
from recommndr_native.alertmanager import Alertmanager
from recommndr_native.child import Child
from recommndr_native.installation import free_ports
from recommndr_native.installed import program
from recommndr_native.monitoring_users import write_monitoring_users
from recommndr_native.prometheus import Prometheus
from recommndr_native.report import urls_table
from tests.patience import PATIENCE_S

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


@pytest.mark.integration
def test_the_printed_addresses_of_prometheus_and_alertmanager_open_with_the_printed_login_only(tmp_path: Path) -> None:
    users_file, password_file = tmp_path / "users.yml", tmp_path / "operations.password"
    password_file.write_text("the operators' password")
    write_monitoring_users(users_file, tmp_path / "password", password_file.read_text())
    settings = Settings(**free_ports(), monitoring_users_file=users_file)
    servers = {
        "prometheus": Prometheus(tmp_path / "prometheus", MONITORING / "prometheus" / "prometheus.yml", settings),
        "alertmanager": Alertmanager(tmp_path / "alertmanager", MONITORING / "alertmanager" / "alertmanager.yml", settings),
    }
    ports = {"prometheus": settings.prometheus_port, "alertmanager": settings.alertmanager_port}
    printed = {cell for column in urls_table(settings, "", str(password_file)).columns for cell in map(str, column.cells)}
    for name, server in servers.items():
        server.prepare()
        child = Child(name, server.command(), tmp_path / f"{name}.log", os.environ)
        child.start()
        try:
            (line,) = (cell for cell in printed if f":{ports[name]}" in cell)
            address, user, password = re.fullmatch(r"(\S+) \(user (\S+), password in (\S+)\)", line).groups()  # type: ignore[union-attr]
            login = (user, Path(password).read_text())
            child.wait_until(lambda address=address, login=login: opens(address, login), PATIENCE_S)
            for host in ("localhost", "evil.example"):
                for path in ("", "/-/ready", "/metrics", "/nothing"):
                    assert asked(f"{address}{path}", None, host).status_code == httpx.codes.UNAUTHORIZED
        finally:
            child.stop()


def asked(address: str, login: tuple[str, str] | None, host: str = "localhost") -> httpx.Response:
    headers = {"host": host}
    return httpx.get(address, auth=login, headers=headers, follow_redirects=True, trust_env=False, timeout=PATIENCE_S)


def opens(address: str, login: tuple[str, str]) -> bool:
    try:
        answer = asked(address, login)
    except httpx.TransportError:
        return False
    # Debian's Alertmanager says at its root that it has no page.
    return answer.is_success and "does not include a web" not in answer.text
