"""supervisord restarts crashed processes and stops everything."""

import os
from pathlib import Path

import psutil
import pytest

from recommndr_native.procfile import Process
from recommndr_native.supervise import Supervisor
from tests.patience import eventually

pytestmark = pytest.mark.integration
ENVIRONMENT = {"RECOMMNDR_MARK": "seen"}


def running(supervisor: Supervisor, name: str, not_pid: int | None = None) -> bool:
    return any(state.name == name and state.state == "RUNNING" and state.pid != not_pid for state in supervisor.states())


def test_a_killed_process_is_started_again_and_stopping_leaves_nothing(short_path: Path) -> None:
    (short_path / "forever.sh").write_text("#!/bin/sh\necho $RECOMMNDR_MARK\nsleep 1000 & sleep 1000\n")
    (short_path / "forever.sh").chmod(0o755)
    supervisor = Supervisor([Process("forever", "./forever.sh")], short_path, short_path / "run", short_path / "logs")
    assert supervisor.states() == []
    supervisor.start(ENVIRONMENT)
    try:
        eventually(lambda: len(supervisor.states()) == 1, "supervisord is up")
        supervisor.start_services()
        eventually(lambda: running(supervisor, "forever"), "it runs")
        first = supervisor.kill("forever")
        # until supervisord sees the death it reports the killed process as running
        eventually(lambda: running(supervisor, "forever", not_pid=first), "a new one runs")
        second = supervisor.pid("forever")
        with pytest.raises(LookupError, match="nobody"):
            supervisor.pid("nobody")
        family = [psutil.Process(second), *psutil.Process(second).children(recursive=True)]
        assert len(family) == 3
    finally:
        supervisor.stop()
    eventually(lambda: not any(member.is_running() and member.status() != "zombie" for member in family), "all are gone")
    assert (short_path / "logs" / "forever.log").read_text().splitlines()[0] == "seen"
    assert first != os.getpid()


def test_a_folder_too_deep_for_a_socket_is_reported(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with pytest.raises(ValueError, match="use a shorter folder"):
        Supervisor([], tmp_path, deep, tmp_path / "logs").start(ENVIRONMENT)
