"""Readiness checks of the processes of the Procfile, each over the process's own port."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from recommndr.flink_identity import flink_context
from recommndr.settings import Settings
from recommndr_native.ports import is_listening

Ready = Callable[[], bool]
_TIMEOUT_S = 2.0


def readiness(settings: Settings, client: httpx.Client) -> Mapping[str, Ready]:
    """Return, by process of the Procfile, a check whether it is ready."""
    host = f"http://{settings.host}"
    health = {
        "collector": settings.collector_port,
        "feature-writer": settings.feature_writer_port,
        "lake-writer": settings.lake_writer_port,
        "blue": settings.blue_port,
        "green": settings.green_port,
        "rollout": settings.rollout_port,
        "monitoring": settings.monitoring_port,
        "storefront": settings.storefront_port,
    }
    answers = {
        "mlflow": f"{settings.mlflow_uri}/health",
        "envoy": f"{host}:{settings.envoy_admin_port}/ready",
    } | {name: f"{host}:{port}/health/ready" for name, port in health.items()}
    questions: dict[str, Ready] = {name: _ok(client, url) for name, url in answers.items()}
    for name, port in {"prometheus": settings.prometheus_port, "alertmanager": settings.alertmanager_port}.items():
        questions[name] = _ok(client, f"{host}:{port}/-/ready", settings.monitoring_login)
    questions["kafka"] = _listens(int(settings.kafka_bootstrap.rpartition(":")[2]))
    questions["redis"] = _listens(urlsplit(settings.redis_url).port or 0)
    questions["flink"] = _runs_a_job(settings)
    return questions


def _ok(client: httpx.Client, url: str, login: tuple[str, str] | None = None) -> Ready:
    def ready() -> bool:
        try:
            return client.get(url, auth=login, timeout=_TIMEOUT_S).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    return ready


def _listens(port: int) -> Ready:
    return lambda: is_listening(port)


def _runs_a_job(settings: Settings) -> Ready:
    url = f"https://{settings.host}:{settings.flink_rest_port}/jobs/overview"

    def ready() -> bool:
        try:
            context = flink_context(settings.flink_identity_file)
            return all_tasks_run(httpx.get(url, timeout=_TIMEOUT_S, trust_env=False, verify=context).json())
        except (httpx.TransportError, OSError, ValueError):
            return False

    return ready


def all_tasks_run(overview: dict[str, Any]) -> bool:
    """Whether a job of Flink's overview processes events: while RUNNING its tasks may still be being deployed."""
    return any(
        job["state"] == "RUNNING" and job["tasks"]["running"] == job["tasks"]["total"] for job in overview.get("jobs", ())
    )
