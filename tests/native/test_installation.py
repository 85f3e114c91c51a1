"""What an installation is made of, without starting it."""

import os
import socket
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from recommndr.settings import SECRETS, load
from recommndr.shopper_token import TokenKeys, TokenSigner
from recommndr.tenancy import ALL_SCOPES, Tenants
from recommndr_native.envoy import Envoy
from recommndr_native.installation import Installation, Places, environment_of, free_ports, settings_of, used_ports
from recommndr_native.installed import NotInstalled, Tools, program
from recommndr_native.keys import write_keys
from recommndr_native.ports import owner
from recommndr_native.procfile import read_procfile
from recommndr_native.prometheus import Prometheus
from recommndr_native.secret_files import NEEDED, write_secrets

NOW = datetime.now(UTC)
TEMPLATE = Tools.of_checkout().checkout / "tenants.yaml"


def test_every_tenant_gets_a_key_that_only_its_owner_can_read_and_only_its_hash_is_in_the_tenants_file(tmp_path: Path) -> None:
    keys = write_keys(TEMPLATE, tmp_path / "keys", tmp_path / "tenants.yaml")
    text = (tmp_path / "tenants.yaml").read_text()
    tenants = Tenants.from_yaml(text)
    for tenant, server_key in keys.server_keys.items():
        assert tenants.authenticate(server_key, "read", "events", now=NOW).tenant == tenant
        with pytest.raises(PermissionError, match="lacks scope"):
            tenants.authenticate(server_key, "catalogue", now=NOW)
    for tenant, admin_key in keys.admin_keys.items():
        assert tenants.authenticate(admin_key, *ALL_SCOPES, now=NOW).tenant == tenant
    for folder, written in (("keys", keys.server_keys), ("keys/admin", keys.admin_keys)):
        for tenant, key in written.items():
            assert (tmp_path / folder / tenant).read_text() == f"{key}\n"
            assert stat.S_IMODE((tmp_path / folder / tenant).stat().st_mode) == 0o600
            assert key not in text
    assert len(keys.attribution_key) >= 32


def test_tokens_are_signed_with_a_key_of_its_own_whose_public_half_lies_beside_it(tmp_path: Path) -> None:
    keys = write_keys(TEMPLATE, tmp_path / "keys", tmp_path / "tenants.yaml")
    assert (tmp_path / "keys" / "token.pem").read_text() == f"{keys.token_key}\n"
    assert stat.S_IMODE((tmp_path / "keys" / "token.pem").stat().st_mode) == 0o600
    now = datetime.now(UTC)
    token, said = TokenSigner(keys.token_key).issue("grocer", "anna", now)
    assert TokenKeys.from_json((tmp_path / "keys" / "jwks.json").read_text()).verify(token, now) == said


def test_pages_of_the_storefront_may_call_the_edge_for_every_tenant(tmp_path: Path) -> None:
    ports = free_ports()
    Installation.fresh(tmp_path, **ports).stop()
    tenants = Tenants.from_yaml((tmp_path / "tenants.yaml").read_text()).tenants
    port = ports["storefront_port"]
    assert {policy.origins for policy in tenants.values()} == {(f"http://127.0.0.1:{port}", f"http://localhost:{port}")}


def test_keys_are_fresh_each_time(tmp_path: Path) -> None:
    first = write_keys(TEMPLATE, tmp_path / "keys", tmp_path / "tenants.yaml")
    second = write_keys(TEMPLATE, tmp_path / "keys", tmp_path / "tenants.yaml")
    assert first.attribution_key != second.attribution_key
    tenants = Tenants.from_yaml((tmp_path / "tenants.yaml").read_text())
    with pytest.raises(PermissionError):
        tenants.authenticate(first.server_keys["grocer"], "read", now=NOW)


def test_a_fresh_installation_forgets_live_state_and_keeps_the_registry(tmp_path: Path) -> None:
    for kept in ("run/kafka/data", "mlflow/mlflow.db", "small/bundle/manifest.json"):
        (tmp_path / kept).mkdir(parents=True)
    Installation.fresh(tmp_path, **free_ports()).stop()
    assert not (tmp_path / "run").exists()
    assert (tmp_path / "mlflow" / "mlflow.db").exists()
    assert (tmp_path / "small" / "bundle" / "manifest.json").exists()


def test_processes_get_the_settings_and_nothing_of_ours(tmp_path: Path) -> None:
    places = Places(tmp_path)
    settings = settings_of(places, write_keys(TEMPLATE, places.keys, tmp_path / "tenants.yaml"), **free_ports())
    environment = environment_of(settings, {"HOME": "/home/me", "AWS_SECRET_ACCESS_KEY": "mine"})
    assert load(environment) == settings.model_copy(update=dict.fromkeys(SECRETS, SecretStr("")))
    assert environment["HOME"] == "/home/me"
    assert "AWS_SECRET_ACCESS_KEY" not in environment


# Who signs with a key, or checks what it signed. Nobody else may hold it.
SIGNS = {"token_key": {"collector"}, "attribution_key": {"collector", "blue", "green"}}


def test_a_secret_reaches_the_processes_that_need_it_and_no_other_as_a_file_of_their_owner(tmp_path: Path) -> None:
    places = Places(tmp_path)
    keys = write_keys(TEMPLATE, places.keys, tmp_path / "tenants.yaml")
    others = {name: SecretStr("x") for name in ("alert_webhook_url", "monitoring_password", "oidc_client_secret")}
    settings = settings_of(places, keys, **others)
    own = write_secrets(settings, places.secrets)
    for process in read_procfile(Tools.of_checkout().checkout / "infra" / "native" / "Procfile"):
        seen = load(environment_of(settings, {}) | own.get(process.name, {}))
        told = {name for name in SECRETS if getattr(seen, name).get_secret_value()}
        assert told == NEEDED.get(process.name, frozenset()), process.name
        assert told & set(SIGNS) == {key for key, signers in SIGNS.items() if process.name in signers}, process.name
        for name in told:
            assert getattr(seen, name).get_secret_value() == getattr(settings, name).get_secret_value().strip()
    of_each_process = {"redis_password", "kafka_password"}
    assert {name for needed in NEEDED.values() for name in needed} == set(SECRETS) - of_each_process
    assert {stat.S_IMODE(path.stat().st_mode) for path in places.secrets.iterdir()} == {0o600}
    assert stat.S_IMODE(places.secrets.stat().st_mode) == 0o700


def test_a_port_in_use_is_told_with_its_owner(tmp_path: Path) -> None:
    places = Places(tmp_path)
    ports = free_ports()
    settings = settings_of(places, write_keys(TEMPLATE, places.keys, tmp_path / "tenants.yaml"), **ports)
    assert used_ports(settings) == {}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", ports["envoy_port"]))
        listener.listen()
        used = used_ports(settings)
    assert list(used) == [ports["envoy_port"]]
    assert used[ports["envoy_port"]].startswith(f"pid {os.getpid()} ")
    assert owner(ports["envoy_port"]) is None


def test_what_is_not_installed_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "Makefile").touch()
    tools = Tools.of_checkout(tmp_path / "infra")
    with pytest.raises(NotInstalled, match="make setup"):
        tools.kafka_classpath()
    with pytest.raises(NotInstalled, match="make setup"):
        tools.flink_jars()
    with pytest.raises(NotInstalled, match="package nothing-at-all"):
        program("recommndr-no-such-program", "nothing-at-all")


def test_the_templates_know_every_port_they_name(tmp_path: Path) -> None:
    places = Places(tmp_path)
    settings = settings_of(places, write_keys(TEMPLATE, places.keys, tmp_path / "tenants.yaml"), **free_ports())
    checkout = Tools.of_checkout().checkout
    Prometheus(tmp_path / "p", checkout / "monitoring" / "prometheus" / "prometheus.yml", settings).prepare()
    Envoy(tmp_path / "e", checkout / "infra" / "envoy" / "envoy.yaml", settings).prepare()
    scraped = yaml.safe_load((tmp_path / "p" / "prometheus.yml").read_text())["scrape_configs"][0]["static_configs"]
    assert {job["labels"]["service"] for job in scraped} == {
        "serving", "collector", "feature-writer", "lake-writer", "rollout", "storefront", "monitoring",
    }  # fmt: skip
    assert str(settings.collector_port) in (tmp_path / "e" / "envoy.yaml").read_text()
    assert settings.routes_file.exists()


def test_a_template_serves_containers_too(tmp_path: Path) -> None:
    template = Tools.of_checkout().checkout / "infra" / "envoy" / "envoy.yaml"
    Envoy(
        tmp_path, template, load({"RECOMMNDR_HOST": "0.0.0.0", "RECOMMNDR_PEER_HOST": "{name}"}, state_dir=tmp_path)
    ).prepare()
    filled = yaml.safe_load((tmp_path / "envoy.yaml").read_text())
    for listener in filled["static_resources"]["listeners"]:
        assert listener["address"]["socket_address"]["address"] == "0.0.0.0"
    for cluster in filled["static_resources"]["clusters"]:
        if cluster["name"] == "admin":
            continue  # a socket of Envoy's own
        nearest = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
        assert nearest["address"]["socket_address"]["address"] == cluster["name"]
