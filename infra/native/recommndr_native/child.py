"""A server as a child process: started, awaited, stopped or killed, always by its own pid."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STOP_TIMEOUT_S = 60.0  # a writer flushes its batch first, which is slow on a busy machine
_POLL_S = 0.05


class NeverReady(RuntimeError):
    """The child ended or did not become ready; the message holds the end of its log."""


@dataclass
class Child:
    """One child process with its own session and log file."""

    name: str
    command: Sequence[str]
    log_file: Path
    environment: Mapping[str, str]
    folder: Path | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """Its pid; raises `RuntimeError` if it was not started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    def start(self) -> None:
        """Start it; its output is appended to its log."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self.command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=dict(self.environment), cwd=self.folder, start_new_session=True,
            )  # fmt: skip

    def keep_running(self) -> None:
        """Start it unless it runs."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return once `ready()` holds; raises `NeverReady`."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if self._process is None or self._process.poll() is not None:
                raise NeverReady(f"{self.name} stopped; the end of its log:\n{self._log_end()}")
            if time.monotonic() > deadline:
                raise NeverReady(f"{self.name} not ready after {timeout_s:.0f} s; the end of its log:\n{self._log_end()}")
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL if it does not end; does nothing if it is not running."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL, and wait until it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _log_end(self, n_lines: int = 15) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-n_lines:])
