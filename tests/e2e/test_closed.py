"""A running installation as the outside may see it: what listens where, and what lies open."""

import ipaddress
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, TopicAuthorizationFailedError
from pydantic import SecretStr

from recommndr.kafka_access import KafkaAccess
from recommndr.settings import SECRETS
from recommndr.topics import AVAILABILITY
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_native.kafka_users import RIGHTS, USER_OF
from recommndr_native.shop import Shop
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e
_REFUSED_MS = 3_000  # how long a client tries to get in to Kafka
_SILENT_S = 10.0  # a port that says nothing for so long does not speak HTTP


def processes(installation: Installation) -> Iterator[tuple[str, psutil.Process]]:
    """Every process of the installation, under its name in the Procfile."""
    for one in installation.processes:
        top = psutil.Process(installation.pid(one.name))
        for process in (top, *top.children(recursive=True)):
            yield one.name, process


def is_loopback(address: str) -> bool:
    """An IPv4 address may be written as IPv6."""
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def test_nothing_listens_beyond_loopback(installation: Installation) -> None:
    installation.wait_ready()
    listening = {
        (name, connection.laddr.ip, connection.laddr.port)
        for name, process in processes(installation)
        for connection in process.net_connections(kind="inet")
        if not connection.raddr
    }
    assert {name for name, _, _ in listening} == {one.name for one in installation.processes}
    # Two of Flink, three of Kafka and Envoy, at least six of Beam: a table that misses them proves nothing.
    assert sum(name == "flink" for name, _, _ in listening) >= 8
    assert [one for one in sorted(listening) if not is_loopback(one[1])] == []


def test_no_environment_holds_a_secret(installation: Installation) -> None:
    secrets = {getattr(installation.settings, name).get_secret_value() for name in SECRETS}
    secrets |= set(installation.keys.server_keys.values())
    for name, process in processes(installation):
        environment = "\n".join(f"{key}={value}" for key, value in process.environ().items())
        assert not [secret for secret in secrets if secret and secret in environment], name


def test_kafka_is_closed_to_who_does_not_log_in_and_a_process_does_only_its_own(installation: Installation) -> None:
    settings, folder = installation.settings, installation.settings.kafka_users_file.parents[1]
    serving = KafkaAccess(settings.kafka_bootstrap, "serving", SecretStr((folder / "serving" / "password").read_text().strip()))
    wrong = KafkaAccess(settings.kafka_bootstrap, "collector", serving.password)
    for stranger in (KafkaAccess(settings.kafka_bootstrap), wrong):
        with pytest.raises(KafkaError):
            KafkaConsumer(**stranger.options(), bootstrap_timeout_ms=_REFUSED_MS)
    with closing(KafkaConsumer(**serving.options())) as consumer:
        described = RIGHTS["serving"].reads + RIGHTS["serving"].writes
        assert set(consumer.topics()) == {topic.name for topic in described}
    producer = KafkaProducer(**serving.options(), enable_idempotence=False)
    with closing(producer), pytest.raises(TopicAuthorizationFailedError):
        producer.send(AVAILABILITY.name, b"{}", key=b"grocer|1").get(PATIENCE_S)


def test_a_process_has_no_kafka_password_but_its_own(installation: Installation) -> None:
    folder = installation.settings.kafka_users_file.parents[1]
    passwords = {path.parent.name: path.read_text().strip() for path in folder.glob("*/password")}
    for name, process in processes(installation):
        shown = "\n".join([*(f"{key}={value}" for key, value in process.environ().items()), *process.cmdline()])
        assert not [user for user, password in passwords.items() if password in shown], name
        known = {user for user in passwords if f"/kafka/{user}/password" in shown}
        assert known <= {USER_OF.get(name)}, name
    for log in installation.log_folder.iterdir():
        assert not [user for user, password in passwords.items() if password in log.read_text(errors="replace")], log.name


def test_what_an_installation_writes_is_its_owners_only(live: GoLive, shop: Shop) -> None:
    shop.recommend("somebody")
    top = live.installation.settings.state_dir.parent
    found = (Path(folder, name) for folder, folders, files in os.walk(top) for name in (*folders, *files))
    open_to_others = [str(path.relative_to(top)) for path in (*found, top) if _mode(path) & 0o077]
    assert open_to_others == []


def _mode(path: Path) -> int:
    """Its permissions; none where it is gone by now, or points elsewhere."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0
    return 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)


# What a client may get wrong, and what may be wrong behind it.
WRONG = (
    ("GET", "/", None),
    ("GET", "/nothing-here", None),
    ("GET", "/metrics", None),
    ("GET", "/recommend?user_id=u&k=many", None),
    ("POST", "/recommend", b"{"),
    ("POST", "/events", b"\xff"),
    ("POST", "/events", b'{"kind": "dance"}'),
    ("PUT", "/items", b'[{"item_id": ""}]'),
    ("POST", "/tokens", b"[]"),
    ("PATCH", "/items/nothing/availability", b"{}"),
)


def test_messages_to_clients_name_no_path_and_no_inner_address(live: GoLive, shop: Shop) -> None:
    settings, server_key = live.installation.settings, live.installation.keys.server_keys[live.tenant]
    inner = {f":{port}" for name, port in settings if name.endswith("_port") and name not in {"envoy_port", "storefront_port"}}
    inner |= {settings.kafka_bootstrap, settings.redis_url, settings.mlflow_uri}
    inner |= {str(live.checkout), str(settings.state_dir), str(settings.lake_dir), "Traceback", "site-packages"}
    answers = []
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        for method, path, body in WRONG:
            for credential in (None, "Bearer nobody", f"Bearer {server_key}"):
                headers = {"content-type": "application/json"} | ({"authorization": credential} if credential else {})
                answer = client.request(method, f"{settings.envoy_url}{path}", content=body, headers=headers)
                answers.append((method, path, str(answer.headers) + answer.text))
        for path in ("/nothing-here", "/ops/figures", "/%2e%2e/%2e%2e/etc/passwd"):
            answer = client.get(f"http://{settings.host}:{settings.storefront_port}{path}")
            answers.append(("GET", path, str(answer.headers) + answer.text))
    assert [(method, path, word) for method, path, text in answers for word in inner if word in text] == []


def test_no_inner_port_answers_to_a_foreign_name(installation: Installation) -> None:
    """A page that points its own name at this machine is refused."""
    settings = installation.settings
    ports = {name: port for name, port in settings if name.endswith("_port") and name not in FOREIGN_NAME_KNOWN}
    ports["mlflow_port"] = urlsplit(settings.mlflow_uri).port
    refused = {name: _asked(port, "evil.example") for name, port in ports.items()}
    assert {name: status for name, status in refused.items() if status not in {None, 400, 403, 404}} == {}
    for name in (name for name, status in refused.items() if status is not None):
        eventually(lambda name=name: _asked(ports[name], "localhost") == 200, f"{name} answers to its own name")  # type: ignore[misc]


# The edge is everybody's; Flink asks for a certificate; Prometheus and Alertmanager ask for a login.
FOREIGN_NAME_KNOWN = {"envoy_port", "flink_rest_port", "prometheus_port", "alertmanager_port"}


def test_metrics_are_on_inner_ports_only(live: GoLive) -> None:
    """The storefront's and the edge's ports are those of shoppers; all other services of ours have one port, an inner one."""
    settings, key = live.installation.settings, live.installation.keys.server_keys[live.tenant]
    public = {settings.storefront_port: {}, settings.envoy_port: {"authorization": f"Bearer {key}"}}
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        for port, credential in public.items():
            for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/stats/prometheus"):
                answer = client.get(f"http://127.0.0.1:{port}{path}", headers=credential)
                assert answer.status_code in {400, 404}, (port, path)
                assert "recommndr_" not in answer.text, (port, path)
        for name in (
            "storefront_metrics",
            "collector",
            "blue",
            "green",
            "rollout",
            "feature_writer",
            "lake_writer",
            "monitoring",
        ):
            url = f"http://127.0.0.1:{getattr(settings, f'{name}_port')}/metrics"
            assert client.get(url).is_success, name
            assert client.get(url, headers={"host": "evil.example"}).status_code == 400, name


MONITORING_PATHS = (
    "/",
    "/-/ready",
    "/-/healthy",
    "/metrics",
    "/debug/pprof/",
    "/api/v1/query?query=up",
    "/api/v2/alerts",
    "/nothing",
)


def test_prometheus_and_alertmanager_answer_nobody_without_a_login(installation: Installation) -> None:
    settings = installation.settings
    operator = ("operator", settings.operations_password.get_secret_value())
    logins = (None, ("operator", "a guess"), ("nobody", "a guess"), settings.monitoring_login, operator)
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        for port in (settings.prometheus_port, settings.alertmanager_port):
            for host in ("localhost", "evil.example"):
                for path in MONITORING_PATHS:
                    url, headers = f"http://127.0.0.1:{port}{path}", {"host": host}
                    statuses = [client.get(url, headers=headers, auth=login).status_code for login in logins]
                    assert statuses[:3] == [401] * 3, (port, host, path)
                    assert 401 not in statuses[3:], (port, host, path)


def _asked(port: int, host: str) -> int | None:
    """The status by which a port answers to a name; None where it does not speak HTTP."""
    for path in ("/health/live", "/ready", "/health"):
        try:
            answer = httpx.get(
                f"http://127.0.0.1:{port}{path}", headers={"host": f"{host}:{port}"}, timeout=_SILENT_S, trust_env=False
            )
        except httpx.TransportError:
            return None
        if answer.status_code != httpx.codes.NOT_FOUND:
            return answer.status_code
    return answer.status_code
