"""One demo at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from recommndr_native.lock import AlreadyRunning, only_one

HOLD = """
import sys, pathlib
from recommndr_native.lock import only_one
with only_one(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_gets_its_pid_and_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "demo.lock"
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=f"pid {holder.pid}"), only_one(lock):
            pass
        holder.kill()
    with only_one(lock):
        pass
    with only_one(lock):
        pass
