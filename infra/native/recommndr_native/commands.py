"""Runs one of our own command-line programs to its end, line by line."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_LINES_SHOWN = 20


class CommandFailed(RuntimeError):
    """A command ended with a status other than 0; the message ends with its last output."""


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path, tell: Callable[[str], None]) -> list[str]:
    """Run it, pass each line it prints to `tell`, return all lines of its standard output.

    Raises `CommandFailed`. When interrupted, the command and its children are ended first.
    """
    program = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    with subprocess.Popen(  # noqa: S603 - our own programs, arguments as a list
        program, env=dict(environment), cwd=folder, text=True, start_new_session=True, umask=0o077,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as child:  # fmt: skip
        lines: list[str] = []
        try:
            for line in child.stdout or ():
                lines.append(line.rstrip("\n"))
                tell(lines[-1])
        except BaseException:
            os.killpg(child.pid, signal.SIGTERM)
            raise
    if child.returncode:
        end = "\n".join(lines[-_LINES_SHOWN:])
        raise CommandFailed(f"{' '.join(command)} ended with status {child.returncode}:\n{end}")
    return lines
