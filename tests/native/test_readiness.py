"""What counts as ready, per process."""

import httpx
import pytest

from recommndr.settings import Settings
from recommndr_native.installed import Tools
from recommndr_native.procfile import read_procfile
from recommndr_native.readiness import all_tasks_run, readiness

SETTINGS = Settings()
RUNNING = {"state": "RUNNING", "tasks": {"total": 4, "running": 4}}


def client(answers: dict[str, httpx.Response]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) not in answers:
            raise httpx.ConnectError("refused")
        return answers[str(request.url)]

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_every_process_of_the_procfile_has_a_question() -> None:
    processes = read_procfile(Tools.of_checkout().checkout / "infra" / "native" / "Procfile")
    assert {process.name for process in processes} == set(readiness(SETTINGS, client({})))


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False)])
def test_a_service_is_ready_when_it_says_so(status: int, ready: bool) -> None:
    asked = f"http://127.0.0.1:{SETTINGS.blue_port}/health/ready"
    assert readiness(SETTINGS, client({asked: httpx.Response(status)}))["blue"]() is ready


def test_a_server_that_does_not_answer_is_not_ready() -> None:
    questions = readiness(SETTINGS, client({}))
    assert not any(questions[name]() for name in ("blue", "flink", "mlflow", "envoy"))


@pytest.mark.parametrize(
    ("job", "ready"),
    [
        (RUNNING, True),
        (RUNNING | {"tasks": {"total": 4, "running": 3}}, False),
        (RUNNING | {"state": "RESTARTING"}, False),
    ],
)
def test_flink_is_ready_when_all_tasks_of_a_job_run(job: dict[str, object], ready: bool) -> None:
    assert all_tasks_run({"jobs": [job]}) is ready
    assert not all_tasks_run({"jobs": []})
