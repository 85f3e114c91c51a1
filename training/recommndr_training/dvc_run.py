"""Runs the DVC pipeline as a child process and reports each stage."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_RUNNING = re.compile(r"Running stage '([^']+)'")
_UNCHANGED = re.compile(r"Stage '([^']+)' didn't change")
_LINES_KEPT = 30
UNCHANGED = " (unchanged)"  # the end of a stage's name


class PipelineFailed(RuntimeError):
    """A stage failed; the message ends with its last lines of output."""


def reproduce(target: str, force: bool = False, root: Path = Path()) -> Iterator[tuple[str, float]]:
    """Run `dvc repro <target>`, yield each stage with its seconds when it is done; raises `PipelineFailed`."""
    command = [sys.executable, "-m", "dvc", "repro", target, *(["--force"] if force else [])]
    with subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
        command, cwd=root, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None  # noqa: S101 (asked for above)
        last_lines: list[str] = []
        yield from stage_times(_remembered(child.stdout, last_lines), time.monotonic)
        if child.wait() != 0:
            raise PipelineFailed(f"dvc repro {target} failed:\n{''.join(last_lines)}")


def stage_times(lines: Iterable[str], now_s: Callable[[], float]) -> Iterator[tuple[str, float]]:
    """DVC's output -> stages and how long each took; an unchanged stage takes no time."""
    running: tuple[str, float] | None = None
    for line in lines:
        started, unchanged = _RUNNING.search(line), _UNCHANGED.search(line)
        if running and (started or unchanged):
            yield running[0], now_s() - running[1]
            running = None
        if started:
            running = started[1], now_s()
        elif unchanged:
            yield f"{unchanged[1]}{UNCHANGED}", 0.0
    if running:
        yield running[0], now_s() - running[1]


def _remembered(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    for line in lines:
        last.append(line)
        del last[:-_LINES_KEPT]
        yield line


def _environment() -> dict[str, str]:
    # Stages call `python`, which must be the interpreter that runs this.
    scripts = str(Path(sys.executable).parent)
    return os.environ | {"PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]), "DVC_NO_ANALYTICS": "1"}
