"""A slot's process is replaced by supervisord: stopped when it runs other code, started when it is stopped, else left alone."""

import json
import sys
from pathlib import Path

import pytest

from recommndr_native.procfile import Process
from recommndr_native.slot import program
from recommndr_native.supervise import Supervisor
from recommndr_rollout.code.processes import Supervised, note_file
from recommndr_rollout.code.record import Code
from tests.patience import eventually

# A process that notes with which code it was started, as `recommndr-slot` does.
SLOT = """
import json, os, pathlib, signal, time
notes = pathlib.Path(os.environ["RECOMMNDR_NOTES"])
wanted = (notes / "wanted").read_text()
(notes / "blue.json").write_text(json.dumps({"pid": os.getpid(), "revision": wanted}))
time.sleep(1000)
"""


@pytest.mark.integration
def test_a_process_of_other_code_is_replaced_once_and_then_left_alone(short_path: Path) -> None:
    (short_path / "slot.py").write_text(SLOT)
    (short_path / "wanted").write_text("old")
    command = Process("blue", f"{sys.executable} {short_path / 'slot.py'}")
    supervisor = Supervisor([command], short_path, short_path / "run", short_path / "logs")
    slots = Supervised(short_path / "run" / "supervisor.sock", short_path)

    def noted() -> dict[str, object]:
        path = note_file(short_path, "blue")
        return dict(json.loads(path.read_text() or "{}")) if path.exists() else {}

    slots.keep("blue", "new")  # nothing supervises yet
    supervisor.start({"RECOMMNDR_NOTES": str(short_path)})
    try:
        eventually(lambda: len(supervisor.states()) == 1, "supervisord is up")
        supervisor.start_services()
        eventually(lambda: any(state.state == "RUNNING" for state in supervisor.states()) and noted(), "it runs")
        first = supervisor.pid("blue")
        slots.keep("blue", "old")
        assert supervisor.pid("blue") == first
        (short_path / "wanted").write_text("new")

        def is_replaced() -> bool:
            slots.keep("blue", "new")
            return noted().get("revision") == "new" and any(state.state == "RUNNING" for state in supervisor.states())

        eventually(is_replaced, "the new code runs")
        second = supervisor.pid("blue")
        for _ in range(5):
            slots.keep("blue", "new")
        assert supervisor.pid("blue") == second != first
    finally:
        supervisor.stop()


def test_a_slot_runs_the_code_of_its_checkout_or_the_installations_own() -> None:
    assert program(Code(revision="v2", checkout="/srv/v2"), "") == ["/srv/v2/.venv/bin/recommndr-serving"]
    assert program(Code(revision="v2"), "python -m slot") == ["python", "-m", "slot"]
    assert program(Code(), "") == [str(Path(sys.executable).parent / "recommndr-serving")]
