"""supervisord as a child of this process: started, queried over its socket, stopped with all its processes."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from recommndr_native.procfile import Process, Supervised, supervisor_config

_PR_SET_PDEATHSIG = 1
_STOP_TIMEOUT_S = 60.0
_MAX_SOCKET_PATH = 90  # the kernel's limit is 108, and supervisord appends its pid when it binds


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One supervised process as supervisord sees it."""

    name: str
    state: str
    pid: int


class Supervisor:
    """Keeps processes running until it is stopped or this process ends."""

    def __init__(self, processes: Sequence[Process], checkout: Path, folder: Path, logs: Path) -> None:
        self._processes = processes
        self._folder = folder.resolve()
        self._supervised = Supervised(
            checkout=checkout,
            folder=self._folder,
            logs=logs.resolve(),
            path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
            user=pwd.getpwuid(os.geteuid()).pw_name,  # not from the environment
        )
        self._running: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str], own: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Start the servers; a process gets this environment, its `own` variables and nothing else."""
        for folder in (self._folder, self._supervised.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if len(str(self._socket)) > _MAX_SOCKET_PATH:
            raise ValueError(
                f"{self._socket}: a socket's path may have at most {_MAX_SOCKET_PATH} characters; use a shorter folder"
            )
        config = self._folder / "supervisord.conf"
        config.write_text(supervisor_config(self._processes, self._supervised, own or {}))
        command = [str(Path(sys.executable).parent / "supervisord"), "--configuration", str(config)]
        with (self._supervised.logs / "supervisord.out").open("wb") as out:
            self._running = subprocess.Popen(  # noqa: S603
                command, env=dict(environment) | {"PATH": self._supervised.path}, cwd=self._supervised.checkout,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                umask=0o077,
                start_new_session=True,  # we handle Ctrl-C and stop everything in order
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - runs one system call
            )  # fmt: skip

    def start_services(self) -> None:
        """Start all processes that are not servers; raises `OSError` if supervisord is not running."""
        with self._call() as supervisord:
            supervisord.supervisor.startProcessGroup("services", False)

    def states(self) -> list[ProcessState]:
        """All processes; empty while supervisord is not running."""
        if self._running is None or not self._socket.exists():
            return []
        try:
            with self._call() as supervisord:
                infos = supervisord.supervisor.getAllProcessInfo()
        except (OSError, Fault):  # not listening yet, or shutting down
            return []
        return [ProcessState(str(info["name"]), str(info["statename"]), int(info["pid"])) for info in infos]  # type: ignore[call-overload, index, union-attr]

    def pid(self, name: str) -> int:
        """Pid of a running process; raises `LookupError`."""
        for state in self.states():
            if state.name == name and state.pid:
                return state.pid
        raise LookupError(f"{name}: not running")

    def kill(self, name: str) -> int:
        """SIGKILL a process and its children, as a crash would; supervisord restarts it. Returns the old pid."""
        pid = self.pid(name)
        children = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        for child in children:
            with suppress(psutil.NoSuchProcess):  # ended with its parent
                child.kill()
        return pid

    def stop(self) -> None:
        """Stop everything: services first, then the servers that they write to."""
        if self._running is None:
            return
        self._running.terminate()
        try:
            self._running.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            for child in psutil.Process(self._running.pid).children(recursive=True):
                child.kill()
            self._running.kill()
            self._running.wait()
        self._running = None

    @property
    def _socket(self) -> Path:
        return self._folder / "supervisor.sock"

    def _call(self) -> ServerProxy:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return ServerProxy("http://127.0.0.1", transport=transport)


def _end_with_parent() -> None:
    # A killed demo must not leave a dozen servers behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
