"""A native installation: all processes of the Procfile, on given ports, in one folder. The demo and the tests use it."""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from pydantic import SecretStr

from recommndr.settings import SECRETS, Settings, variable
from recommndr_native import kafka_users, redis_users
from recommndr_native.installed import Tools
from recommndr_native.keys import ADMIN_KEYS, JWKS, Keys, storefront_origins, write_keys
from recommndr_native.monitoring_users import write_monitoring_users
from recommndr_native.ports import free_port, owner
from recommndr_native.procfile import Process, read_procfile
from recommndr_native.readiness import readiness
from recommndr_native.secret_files import write_secrets
from recommndr_native.supervise import Supervisor
from recommndr_native.topics import await_topics

_POLL_S = 0.25
_BUDGET_S = 300.0  # a start takes half a minute on a quiet machine
# Processes inherit only these variables, so no credentials.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "JAVA_HOME", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")


class NotReady(RuntimeError):
    """A process did not become ready in time; the message names it and the end of its log."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of an installation."""

    var: Path

    @property
    def run(self) -> Path:
        """The live state; a new installation deletes it."""
        return self.var / "run"

    @property
    def logs(self) -> Path:
        """The folder of logs, one file per process."""
        return self.var / "logs"

    @property
    def secrets(self) -> Path:
        """The folder of secrets, one file per process and secret."""
        return self.run / "secrets"

    @property
    def redis_passwords(self) -> Path:
        """By user."""
        return (self.keys / "redis").resolve()

    @property
    def kafka_passwords(self) -> Path:
        """By user; the broker's own folder holds the file of all users."""
        return (self.keys / "kafka").resolve()

    @property
    def keys(self) -> Path:
        """The folder of server keys by tenant, the attribution key, the shoppers' token key and its public half (JWKS)."""
        return self.var / "keys"


def settings_of(places: Places, keys: Keys, **overrides: Any) -> Settings:
    """Return the settings of an installation below `places`."""
    return Settings(
        state_dir=places.run.resolve(),
        lake_dir=(places.run / "lake").resolve(),  # rows hold offsets of topics, so the lake must be new when the topics are
        mlflow_dir=(places.var / "mlflow").resolve(),
        tenants_file=(places.var / "tenants.yaml").resolve(),
        audit_file=(places.var / "audit" / "audit.jsonl").resolve(),
        attribution_key=SecretStr(keys.attribution_key),
        token_key=SecretStr(keys.token_key),
        operations_password=SecretStr(keys.operations_password),
        jwks_file=(places.keys / JWKS).resolve(),
        server_keys_dir=places.keys.resolve(),
        admin_keys_dir=(places.keys / ADMIN_KEYS).resolve(),
        **overrides,
    )


def _redis_login(places: Places) -> dict[str, Any]:
    """Create new users. The installation's settings hold the operator's login."""
    acl_file = (places.keys / "redis.acl").resolve()
    password = redis_users.write_redis_users(acl_file, places.redis_passwords)
    return {"redis_acl_file": acl_file, "redis_user": redis_users.OPERATIONS, "redis_password": SecretStr(password)}


def _kafka_login(places: Places) -> dict[str, Any]:
    users_file = places.kafka_passwords / kafka_users.BROKER / kafka_users.USERS_FILE
    password = kafka_users.write_kafka_users(users_file, places.kafka_passwords)
    return {"kafka_users_file": users_file, "kafka_user": kafka_users.OPERATIONS, "kafka_password": SecretStr(password)}


def _monitoring_login(places: Places, operations_password: str) -> dict[str, Any]:
    users_file = (places.keys / "monitoring.users.yml").resolve()
    password = write_monitoring_users(users_file, places.keys / "monitoring.password", operations_password)
    return {"monitoring_users_file": users_file, "monitoring_password": SecretStr(password)}


def free_ports() -> dict[str, Any]:
    """Return the settings with a free port for every default port."""
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    ports: dict[str, Any] = {name: free_port() for name in names}
    return ports | {
        "kafka_bootstrap": f"127.0.0.1:{free_port()}",
        "redis_url": f"redis://127.0.0.1:{free_port()}/0",
        "mlflow_uri": f"http://127.0.0.1:{free_port()}",
        "envoy_url": f"http://127.0.0.1:{ports['envoy_port']}",
        "collector_url": f"http://127.0.0.1:{ports['collector_port']}",
        "prometheus_url": f"http://127.0.0.1:{ports['prometheus_port']}",
        "runbooks_url": f"http://127.0.0.1:{ports['storefront_port']}/ops/runbooks",
    }


def environment_of(settings: Settings, ours: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of every process: the settings without secrets, and the few that any program needs."""
    values = {variable(name): str(value) for name, value in settings if name not in SECRETS}
    return {name: ours[name] for name in _PASSED_ON if name in ours} | values


def used_ports(settings: Settings) -> dict[int, str]:
    """Return the ports of the settings that are in use, with their names."""
    ports = {value for name, value in settings if name.endswith("_port")}
    ports |= {int(address.rpartition(":")[2].partition("/")[0]) for address in _addresses(settings)}
    owners = {port: owner(port) for port in sorted(ports)}
    return {port: found for port, found in owners.items() if found is not None}


def _addresses(settings: Settings) -> tuple[str, ...]:
    return (settings.kafka_bootstrap, settings.redis_url, settings.mlflow_uri)


class Installation:
    """Starts, watches, kills (for tests) and stops all processes."""

    def __init__(
        self, places: Places, settings: Settings, keys: Keys, commands: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        checkout = Tools.of_checkout().checkout
        self.settings = settings
        self.keys = keys
        self.processes: list[Process] = [
            Process(one.name, commands.get(one.name, one.command))
            for one in read_procfile(checkout / "infra" / "native" / "Procfile")
        ]
        self._places = places
        self._supervisor = Supervisor(self.processes, checkout, places.run / "supervisor", places.logs)
        self._client = httpx.Client(trust_env=False)
        self._ready = readiness(settings, self._client)

    @classmethod
    def fresh(cls, var: Path, commands: Mapping[str, str] = MappingProxyType({}), **overrides: Any) -> "Installation":
        """Create an installation with new keys and without live state; `commands` replace those of the Procfile by name."""
        places = Places(var)
        tenants_template = Tools.of_checkout().checkout / "tenants.yaml"
        storefront_port = overrides.get("storefront_port", Settings.model_fields["storefront_port"].default)
        origins = storefront_origins(storefront_port)
        keys = write_keys(tenants_template, places.keys, var / "tenants.yaml", origins)
        logins = _redis_login(places) | _kafka_login(places) | _monitoring_login(places, keys.operations_password)
        shutil.rmtree(places.run, ignore_errors=True)
        shutil.rmtree(places.logs, ignore_errors=True)
        return cls(places, settings_of(places, keys, **logins, **overrides), keys, commands)

    def start(self) -> None:
        """Start the servers. Call this from the main thread: the processes end with it."""
        own = write_secrets(self.settings, self._places.secrets)
        for logins in self._logins():
            for process, login in logins.items():
                own[process] = own.get(process, {}) | login
        self._supervisor.start(environment_of(self.settings, os.environ), own)

    def bring_up(self, budget_s: float = _BUDGET_S, tell: Callable[[str], None] = lambda _: None) -> None:
        """Create the topics, start the services, and return when all are ready; calls `tell` with each name. Raises `NotReady`.

        The broker, the topics and the services may each take `budget_s`: a slow start of one leaves the next its time.
        """
        self.wait_ready(["kafka"], budget_s)
        await_topics(self.settings.kafka, budget_s)
        self._supervisor.start_services()
        self.wait_ready(budget_s=budget_s, tell=tell)

    def is_ready(self, name: str) -> bool:
        """Whether the process is ready now."""
        return self._ready[name]()

    def wait_ready(
        self, names: Iterable[str] | None = None, budget_s: float = _BUDGET_S, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        """Wait until the named processes (default: all) are ready; calls `tell` once with each name. Raises `NotReady`."""
        waiting = list(names) if names is not None else [process.name for process in self.processes]
        deadline = time.monotonic() + budget_s
        while True:
            for name in [name for name in waiting if self.is_ready(name)]:
                waiting.remove(name)
                tell(name)
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{waiting[0]}: not ready after {budget_s:.0f} s; the end of its log:\n{self.log_end(waiting[0])}"
                )
            time.sleep(_POLL_S)

    def admin_key_file(self, tenant: str) -> Path:
        """The file of the tenant's server key with all scopes."""
        return self.settings.admin_keys_dir / tenant

    def training_login(self) -> dict[str, str]:
        """Return the variables with which training's commands log in to Kafka."""
        return kafka_users.kafka_login(self._places.kafka_passwords, kafka_users.TRAINING)

    def _logins(self) -> tuple[dict[str, dict[str, str]], ...]:
        places = self._places
        return redis_users.redis_logins(places.redis_passwords), kafka_users.kafka_logins(places.kafka_passwords)

    @property
    def log_folder(self) -> Path:
        """The folder of the logs, `<name>.log` per process."""
        return self._places.logs

    def log_end(self, name: str, n_lines: int = 15) -> str:
        """Return the last lines of a process's log."""
        path = self._places.logs / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-n_lines:]) if path.exists() else "(no log)"

    def pid(self, name: str) -> int:
        """Return the pid of a running process; raises `LookupError`."""
        return self._supervisor.pid(name)

    def kill(self, name: str) -> int:
        """Kill a process and its children with SIGKILL, like a crash; it is then restarted. Returns its old pid."""
        return self._supervisor.kill(name)

    def stop(self) -> None:
        """Stop all processes."""
        self._client.close()
        self._supervisor.stop()
