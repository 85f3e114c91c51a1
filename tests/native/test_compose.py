"""What a container installation is given before its services start."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import bcrypt
import pytest
import yaml
from cryptography import x509
from typer.testing import CliRunner

from recommndr.shopper_token import TokenKeys, TokenSigner
from recommndr.tenancy import Tenants
from recommndr_native.compose import app
from recommndr_native.kafka_users import BROKER, OPERATIONS, RIGHTS
from recommndr_training import params


def _files(folder: Path) -> list[str]:
    return [
        "files",
        "--signing-dir",
        str(folder / "signing"),
        "--tokens-dir",
        str(folder / "tokens"),
        "--redis-dir",
        str(folder / "redis"),
        "--kafka-dir",
        str(folder / "kafka"),
        "--operations-dir",
        str(folder / "operations"),
        "--monitoring-dir",
        str(folder / "monitoring"),
    ]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "HOST": "0.0.0.0",
        "PEER_HOST": "{name}",
        "STATE_DIR": str(tmp_path / "state"),
        "TENANTS_FILE": str(tmp_path / "config" / "tenants.yaml"),
        "SERVER_KEYS_DIR": str(tmp_path / "keys"),
        "ADMIN_KEYS_DIR": str(tmp_path / "admin-keys"),
        "REDIS_ACL_FILE": str(tmp_path / "redis" / "acl" / "users.acl"),
        "KAFKA_USERS_FILE": str(tmp_path / "kafka" / "broker" / "users.jaas"),
        "MONITORING_USERS_FILE": str(tmp_path / "monitoring-users" / "users.yml"),
        "EDGE_TLS_DIR": str(tmp_path / "tls"),
        "EDGE_CA_FILE": str(tmp_path / "keys" / "edge-ca.crt"),
        "JWKS_FILE": str(tmp_path / "config" / "jwks.json"),
    }.items():
        monkeypatch.setenv(f"RECOMMNDR_{name}", value)
    result = CliRunner().invoke(app, _files(tmp_path), catch_exceptions=False)
    assert result.exit_code == 0
    return tmp_path


def test_a_shops_key_opens_the_platform(init: Path) -> None:
    tenants = Tenants.from_yaml((init / "config" / "tenants.yaml").read_text())
    for folder, scope in (("keys", "events"), ("admin-keys", "catalogue")):
        key = (init / folder / "grocer").read_text().strip()
        assert tenants.authenticate(key, scope, now=datetime.now(UTC)).tenant == "grocer"  # type: ignore[arg-type]


def test_who_needs_one_key_sees_no_other(init: Path) -> None:
    shops = {"grocer", "boutique", "online-retail", "retailrocket", *params.added()}
    folders = ("keys", "admin-keys", "signing", "tokens", "config")
    lying = {folder: {path.name for path in (init / folder).iterdir()} for folder in folders}
    assert lying == {
        "keys": {*shops, *(f"{shop}.session" for shop in shops), "operations.password", "edge-ca.crt"},
        "admin-keys": shops,
        "signing": {"attribution"},
        "tokens": {"token.pem"},
        "config": {"tenants.yaml", "jwks.json"},
    }
    secrets = [path for folder in (*folders[:-1], "tls") for path in (init / folder).iterdir() if path.suffix != ".crt"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


def test_kafka_reads_its_users_and_everybody_else_one_password(init: Path) -> None:
    folders = {path.name: [file.name for file in path.iterdir()] for path in (init / "kafka").iterdir()}
    assert folders.pop(BROKER) == ["users.jaas"]
    assert folders == {user: ["password"] for user in (OPERATIONS, *RIGHTS)}
    users = init / "kafka" / BROKER / "users.jaas"
    assert stat.S_IMODE(users.stat().st_mode) == 0o644  # read by the image's own user; the volume is Kafka's alone
    for user in folders:
        password = (init / "kafka" / user / "password").read_text().strip()
        assert f'user_{user}="{password}"' in users.read_text()
        assert stat.S_IMODE((init / "kafka" / user / "password").stat().st_mode) == 0o600


def test_users_are_written_once(init: Path) -> None:
    before = (init / "kafka" / BROKER / "users.jaas").read_bytes()
    assert CliRunner().invoke(app, _files(init), catch_exceptions=False).exit_code == 0
    assert (init / "kafka" / BROKER / "users.jaas").read_bytes() == before


def test_a_new_versions_rights_in_redis_come_with_the_old_passwords(init: Path) -> None:
    acl = init / "redis" / "acl" / "users.acl"
    before = acl.read_text()
    acl.write_text(before.replace("+watch", ""))  # an older version's
    assert CliRunner().invoke(app, _files(init), catch_exceptions=False).exit_code == 0
    assert acl.read_text() == before


def test_what_signs_shoppers_tokens_is_among_what_checks_them(init: Path) -> None:
    signer = TokenSigner((init / "tokens" / "token.pem").read_text().strip())
    assert signer.key_id in TokenKeys.from_json((init / "config" / "jwks.json").read_text())


def test_the_edge_has_a_certificate_of_the_authority_that_clients_are_given(init: Path) -> None:
    authority = x509.load_pem_x509_certificate((init / "keys" / "edge-ca.crt").read_bytes())
    certificate = x509.load_pem_x509_certificate((init / "tls" / "edge.crt").read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "envoy"}
    assert "envoy.transport_sockets.tls" in (init / "state" / "envoy" / "envoy.yaml").read_text()


def test_the_edge_and_prometheus_find_services_by_their_names(init: Path) -> None:
    assert 'address: "collector"' in (init / "state" / "envoy" / "envoy.yaml").read_text()
    scraped = yaml.safe_load((init / "state" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"][0]
    assert "feature-writer:18031" in [target for job in scraped["static_configs"] for target in job["targets"]]


def test_prometheus_logs_in_with_the_password_that_its_users_file_and_the_services_have(init: Path) -> None:
    password = (init / "monitoring" / "password").read_text().strip()
    users = yaml.safe_load((init / "monitoring-users" / "users.yml").read_text())["basic_auth_users"]
    assert bcrypt.checkpw(password.encode(), users["monitoring"].encode())
    assert bcrypt.checkpw((init / "keys" / "operations.password").read_text().strip().encode(), users["operator"].encode())
    told = yaml.safe_load((init / "state" / "prometheus" / "prometheus.yml").read_text())
    login = {"username": "monitoring", "password": password}
    assert [one["basic_auth"] for one in told["alerting"]["alertmanagers"]] == [login]
    assert [job["basic_auth"] for job in told["scrape_configs"] if "basic_auth" in job] == [login]


def test_keys_that_are_there_stay(init: Path) -> None:
    files = (init / "keys" / "grocer", init / "monitoring" / "password", init / "state" / "prometheus" / "prometheus.yml")
    before = [file.read_text() for file in files]
    CliRunner().invoke(app, _files(init), catch_exceptions=False)
    assert [file.read_text() for file in files] == before


def test_rollout_is_given_the_operators_password_without_the_shops_keys(init: Path) -> None:
    given = init / "operations" / "password"
    assert given.read_text() == (init / "keys" / "operations.password").read_text()
    assert [path.name for path in given.parent.iterdir()] == ["password"]
    assert stat.S_IMODE(given.stat().st_mode) == 0o600
